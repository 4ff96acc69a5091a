#!/usr/bin/env bash
# OSS-Fuzz calls this script inside its image.
exec bash "$SRC/iothub-resource/fuzz/build.sh"
