#!/usr/bin/env bash
# ClusterFuzzLite calls this inside its image.
exec bash "$SRC/iothub-resource/fuzz/build.sh"
