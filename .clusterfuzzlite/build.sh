#!/usr/bin/env bash
# ClusterFuzzLite calls this script inside its image.
exec bash "$SRC/iothub-resource/fuzz/build.sh"
