#!/bin/sh
# Runs the resource sample of the vendor's C SDK, unmodified, as the device of `iothub-conformance device`:
#
#   IOTHUB_SAMPLE=output/release/bin/resource_mqtt_sample \
#     iothub-conformance device --trigger conformance/examples/triggers/c-sdk.sh …
#
# docs/how-to/use-the-vendors-sdks.md describes how to build the sample and lists the addresses that it needs.
# IOTHUB_STATE is a folder for the state of the devices. By default, it is the folder of the scenario, which
# `device` removes at the end.
set -eu

sample=$(realpath "${IOTHUB_SAMPLE:?must be the path of resource_mqtt_sample}")
# The sample keeps the resume file of a download in the current folder, so each device has its own folder.
folder=${IOTHUB_STATE:-$(dirname "$IOTHUB_FILE")}/state-$IOTHUB_DEVICE_NAME
mkdir -p "$folder"
cd "$folder"

# The SDK computes its password from the secret. `device` accepts any password.
cat > device_info.json <<EOF
{
    "auth_mode": "KEY",
    "productId": "$IOTHUB_PRODUCT_ID",
    "productSecret": "none",
    "deviceName": "$IOTHUB_DEVICE_NAME",
    "key_deviceinfo": { "deviceSecret": "MDEyMzQ1Njc4OWFiY2RlZg==" },
    "region": "china"
}
EOF

case $IOTHUB_FLOW in
upload)
    # The sample uploads only the file with this name.
    cp "$IOTHUB_FILE" uploadtest
    exec "$sample"
    ;;
download)
    # Without this file, the sample uploads nothing.
    rm -f uploadtest
    "$sample" &
    # The sample chooses the name of the downloaded file, and the files of earlier downloads remain. A link to the
    # newest file also shows the bytes that the sample writes later.
    while kill -0 $! 2> /dev/null; do
        kept=$(ls -t download_*_* 2> /dev/null | head -n 1)
        [ -z "$kept" ] || ln -f "$kept" "$IOTHUB_FILE" 2> /dev/null || cp "$kept" "$IOTHUB_FILE"
        sleep 0.5
    done
    wait $!
    ;;
esac
