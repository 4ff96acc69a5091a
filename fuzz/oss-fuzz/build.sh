#!/usr/bin/env bash
# OSS-Fuzz calls this inside its image.
exec bash "$SRC/iothub-resource/fuzz/build.sh"
