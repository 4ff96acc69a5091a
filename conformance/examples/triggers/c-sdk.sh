#!/bin/sh
# Runs the resource sample of the vendor's C SDK, unmodified, as the device of `iothub-conformance device`:
#
#   IOTHUB_SAMPLE=output/release/bin/resource_mqtt_sample \
#     iothub-conformance device --trigger conformance/examples/triggers/c-sdk.sh …
#
# docs/how-to/use-the-vendors-sdks.md says how to build the sample, and which addresses it needs.
# IOTHUB_STATE is a folder for the state of the devices. By default it is the folder of the scenario, which
# `device` removes at the end.
set -eu

sample=$(realpath "${IOTHUB_SAMPLE:?the path of resource_mqtt_sample}")
# The sample keeps the resume file of a download in its folder, so each device has its own.
folder=${IOTHUB_STATE:-$(dirname "$IOTHUB_FILE")}/state-$IOTHUB_DEVICE_NAME
mkdir -p "$folder"
cd "$folder"

# The SDK computes its password from the secret. `device` accepts any.
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
    # The sample uploads the file of this name, and no other.
    cp "$IOTHUB_FILE" uploadtest
    exec "$sample"
    ;;
download)
    # Without the file, the sample uploads nothing.
    rm -f uploadtest
    "$sample" &
    # The sample chooses the name of its file; those of earlier downloads are still there. A link has the same
    # content until the end.
    while kill -0 $! 2> /dev/null; do
        kept=$(ls -t download_*_* 2> /dev/null | head -n 1)
        [ -z "$kept" ] || ln -f "$kept" "$IOTHUB_FILE" 2> /dev/null || cp "$kept" "$IOTHUB_FILE"
        sleep 0.5
    done
    wait $!
    ;;
esac
