#!/usr/bin/env python3
"""Runs the resource manager of the vendor's Python SDK as the device of `iothub-conformance device`:

    IOTHUB_SDK=iot-device-python \\
      iothub-conformance device --trigger 'python3 conformance/examples/triggers/python-sdk.py' --filter upload/ …

The SDK supports only uploads. docs/how-to/use-the-vendors-sdks.md describes how to set up the SDK. The order of the
calls is the same as in the SDK's own sample. To use TLS, set IOTHUB_TLS=1.
"""

import json
import os
import sys
import tempfile
import time

ENV = os.environ
sys.path.insert(0, os.path.abspath(ENV["IOTHUB_SDK"]))
# The SDK writes its logs below the current folder, so each device has its own folder.
STATE = os.path.join(
    ENV.get("IOTHUB_STATE", os.path.dirname(ENV["IOTHUB_FILE"]) or tempfile.gettempdir()),
    "state-" + ENV["IOTHUB_DEVICE_NAME"],
)


def main():
    if ENV["IOTHUB_FLOW"] != "upload":
        sys.exit("this SDK supports only uploads: use --filter upload/")
    os.makedirs(os.path.join(STATE, "logs"), exist_ok=True)
    os.chdir(STATE)
    with open("device_info.json", "w", encoding="ascii") as info:
        json.dump(
            {
                "auth_mode": "KEY",
                "productId": ENV["IOTHUB_PRODUCT_ID"],
                "productSecret": "none",
                "deviceName": ENV["IOTHUB_DEVICE_NAME"],
                # `device` accepts any secret.
                "key_deviceinfo": {"deviceSecret": "MDEyMzQ1Njc4OWFiY2RlZg=="},
                "cert_deviceinfo": {"devCaFile": "", "devCertFile": "", "devPrivateKeyFile": ""},
                "region": "china",
            },
            info,
        )
    from hub.hub import QcloudHub

    heard = {"url": None, "accepted": False}

    def on_message(_topic, _qos, payload, _userdata):
        # As in the sample, any message with a URL counts, and the last URL is used.
        if "url" in payload:
            heard["url"] = payload["url"]
        elif payload["type"] == "report_upload_progress_rsp":
            if payload["result_code"] == 0 and payload["result_msg"] == "ok":
                heard["accepted"] = True

    def ignore(*_arguments):
        pass

    hub = QcloudHub(device_file="device_info.json", tls=ENV.get("IOTHUB_TLS") == "1").hub
    hub.logInit(hub.LoggerLevel.DEBUG, "logs/log", 1 << 20, 2, enable=True)
    hub.registerMqttCallback(ignore, ignore, ignore, ignore, ignore, ignore)
    hub.connect()
    product, device = ENV["IOTHUB_PRODUCT_ID"], ENV["IOTHUB_DEVICE_NAME"]
    for _ in range(4):
        if hub.isMqttConnected():
            break
        time.sleep(1)
    else:
        sys.exit("not connected")
    if hub.resourceInit(product, device, on_message)[0] != 0:
        sys.exit("cannot subscribe")
    hub.resourceCreateUploadTask(product, device, ENV["IOTHUB_FILE"])
    time.sleep(1)
    if not heard["url"]:
        sys.exit("no URL")
    hub.resourceReportUploadProgress(product, device)
    hub.resourceUploadfile(heard["url"])
    if not heard["accepted"]:
        sys.exit("the report was not accepted")
    hub.resourceFinished()


main()
