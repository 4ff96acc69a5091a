//! Defines each code with its level, cause, remedy and example.

use super::code::{Code, Section};

const fn code(
    word: &'static str,
    level: &'static str,
    requirements: &'static [&'static str],
    cause: &'static str,
    remedy: &'static str,
) -> Code {
    Code { word, level, requirements, cause, remedy, example: None }
}

/// Returns `code` with an example of an input that causes it.
const fn shown(example: &'static str, code: Code) -> Code {
    Code { example: Some(example), ..code }
}

#[rustfmt::skip]
pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "Rejections of a payload or a value",
        intro: "An implementation rejects invalid input with one of these codes. In the examples, `…` represents omitted text.",
        codes: &[
            code("payload-too-large", "MUST", &[], "The payload is longer than 16,384 bytes.", "Shorten the values or remove white space."),
            code("not-utf8", "MUST", &[], "The payload is not valid UTF-8, for example because a `name` is in Latin-1 or GBK.", "Encode the text as UTF-8."),
            shown(r#"{"type":"get_download_task",}"#, code("invalid-json", "MUST", &[], "The payload is not exactly one JSON text. For example, it has a byte-order mark, a trailing comma, a comment, an invalid escape, a zero byte at its end, or no closing brace.", "Write the payload with a JSON library. Send exactly the bytes of the text, without the terminating zero byte of a C string.")),
            shown(r#"["get_download_task"]"#, code("not-an-object", "MUST", &[], "The payload is JSON but not an object.", "Send a JSON object.")),
            shown(r#"{"type":"…","\u0074ype":"…"}"#, code("duplicate-key", "MUST", &[], "A key that ENC-4 lists for an object occurs more than once in that object. Keys are compared after unescaping.", "Write each key once.")),
            shown(r#"{"type":"get_download_task","version":1}"#, code("unknown-field", "MUST; SHOULD in the `deployed` profile", &[], "The message has a key that is not documented for messages of this type. In the `deployed` profile, such a key is skipped and causes only a warning.", "Remove the key.")),
            shown(r#"{"size":1}"#, code("missing-type", "MUST", &[], "The key `type` is missing, so the message cannot be identified.", "Add `type`.")),
            shown(r#"{"type":"create_upload_task","size":1,"name":"zxc"}"#, code("missing-field", "MUST", &[], "A key that messages of this type require is missing.", "Add the key.")),
            shown(r#""size":"1""#, code("wrong-type", "MUST", &[], "A value does not have the JSON type that its key requires, or it is `null`, `-0`, or a number with a fraction or an exponent.", "Write each string in quotation marks, and each integer without quotation marks, a fraction or an exponent.")),
            shown(r#"{"type":"get_download_tusk"}"#, code("unknown-type", "MUST", &["MSG-1", "MSG-9"], "The value of `type` is not a message type of the profile.", "Correct the value. `download` exists only in the `deployed` profile.")),
            code("wrong-direction", "MUST", &[], "The message is on the topic of the other direction. Each message type travels in one direction only.", "A device must publish on the up topic, and a platform on the down topic."),
            shown(r#""percent":101"#, code("out-of-range", "MUST", &[], "An integer is outside the bounds of its key.", "Send a value within the bounds that the error message states.")),
            shown(r#""name":"""#, code("invalid-name", "MUST", &[], "`name` is empty or contains a control character.", "Send a name with at least one character and without control characters.")),
            shown(r#""md5sum":"************""#, code("invalid-md5sum", "MUST", &[], "`md5sum` does not consist of 32 hexadecimal digits. In the `documented` profile, the digits must be lowercase.", "Send the MD5 of the whole resource as 32 lowercase hexadecimal digits.")),
            shown(r#""url":"ftp://a""#, code("invalid-url", "MUST", &[], "`url` does not begin with `http://` or `https://`, has no host, or contains a character that is not a visible ASCII character.", "Send a complete `http` or `https` URL.")),
            shown(r#""state":"finished""#, code("invalid-state", "MUST", &[], "The report has a `state` that is not valid for its type.", "Send `uploading` for an upload and `downloading` for a download. In the `deployed` profile, `done` and `fail` are also valid.")),
            shown("$resource/up/service/P/d/", code("invalid-topic", "MUST", &[], "The topic does not have the form of an up topic or a down topic, or its product id or device name is invalid.", "Use exactly `$resource/up/service/{product_id}/{device_name}`, or the same topic with `down` instead of `up`.")),
            shown("5d41402abc4b2a76b9719d911017c592", code("invalid-content-md5", "MUST", &["HTTP-4"], "`Content-MD5` is not the canonical Base64 of 16 bytes, which is 24 characters long and ends with `==`. If `lint` recognises the mistake, the text of the finding names this mistake, for example hexadecimal digits, missing padding or a repeated header.", "Encode the 16 bytes of the digest, not its 32 hexadecimal digits.")),
        ],
    },
    Section {
        title: "Findings in a session",
        intro: "`lint`, `device`, `platform` and the operation `trace` of an adapter report these findings. With `--partial`, `lint` reports them only as warnings, because a message that was not recorded may explain them.",
        codes: &[
            code("unsolicited-response", "MUST, platform", &[], "A response does not answer an open request. A request is open while its answer is owed or may come.", "Answer only requests from the device, and answer each request at most once."),
            code("echo-mismatch", "MUST, platform", &[], "The `size` or `md5sum` of the response to a create differs from that of the create.", "In the response, repeat the `size` and `md5sum` of the create."),
            code("progress-before-url", "MUST, device", &[], "A device reports on an upload before the platform has issued the URL of the task.", "Wait for the response to the create."),
            code("no-such-task", "MUST, device", &[], "A report names a task that was neither created nor delivered.", "Wait for the response to the create, or for the delivery. Then use the name from that message in the report."),
            code("after-end", "MUST, device", &[], "A report follows the report that ended its task.", "Do not publish a report on a task after its final report."),
            code("percent-decreased", "SHOULD, device", &[], "A report has a lower `percent` than the previous report of its task.", "Report the same or a higher percentage."),
            code("unanswered", "SHOULD, platform; MUST in `platform` for an ordinary create", &["MSG-2"], "A create or a report was never answered. An ordinary create announces a `size` of at most 1 MiB, and its `name` is a file name of at most 63 bytes.", "Answer each create and each report."),
            code("repeated", "SHOULD", &[], "A final report, a `create_upload_task_rsp` or a `get_download_task_rsp` was sent again without the DUP flag of MQTT.", "Set DUP when you send an MQTT message again."),
        ],
    },
    Section {
        title: "Warnings about messages",
        intro: "A message with one of these codes is valid, but some deployed peers cannot process it, or it is a security risk.",
        codes: &[
            code("uppercase-md5sum", "SHOULD", &["VAL-3"], "`md5sum` has uppercase hexadecimal digits, which some peers do not accept.", "Write lowercase hexadecimal digits."),
            code("long-name", "SHOULD", &["VAL-2"], "`name` is longer than 63 bytes, the maximum for a buffer of the vendor's C SDK.", "Choose a name of at most 63 bytes."),
            code("unsafe-name", "SHOULD", &["VAL-2"], "`name` is not safe as a file name. It contains a slash or a backslash, or it is `.` or `..`.", "Choose a file name without a path."),
            code("long-url", "SHOULD, platform", &["VAL-4"], "`url` is longer than 1,023 bytes, the maximum for a buffer of the vendor's C SDK.", "Shorten the path or the query string of the URL."),
            code("plain-http", "SHOULD, platform", &["VAL-4"], "`url` has the scheme `http`, so anybody who can observe the network can read the resource and the signature in the URL.", "Use `https`."),
            code("too-long-for-devices", "SHOULD, platform", &[], "A message to a device is longer than 2,047 bytes, the maximum for deployed devices.", "Shorten the URL or the name."),
            code("leading-space", "SHOULD, platform", &[], "A message to a device does not begin with `{`.", "Remove the white space before `{`."),
            code("escaped", "SHOULD, platform", &[], "A message to a device has a string with the escape `\\/` or `\\u`, which deployed devices do not decode.", "Write the characters themselves, in UTF-8 and without escapes."),
            code("zero-size", "SHOULD, platform", &[], "A message to a device has a `size` of 0, but deployed devices divide by `size`.", "Do not offer an empty resource."),
            code("url-for-devices", "SHOULD, platform", &[], "`url` is longer than 820 bytes or names a port. A longer URL may exceed the buffers of deployed devices. The vendor's C SDK treats the port as a part of the host name.", "Use a URL of at most 820 bytes without a port."),
            code("odd-response", "SHOULD, platform", &[], "A progress response has the `result_code` 0 with a `result_msg` other than `ok`, or it has the `result_code` -1. Deployed devices misinterpret such responses.", "For success, send the `result_code` 0 with the `result_msg` `ok`. For a failure, send a code other than 0 and -1."),
        ],
    },
    Section {
        title: "Findings about a capture",
        intro: "To record the traffic again, see [Record what your device sends](../how-to/record-what-my-device-sends.md).",
        codes: &[
            code("unreadable", "MUST, recording; SHOULD for missing data with `--partial`", &[], "A line, a packet or the rest of a file cannot be read, or a part of a connection is missing.", "Record the traffic again, without truncated packets or lines."),
            code("mqtt", "MUST, the sender", &[], "The traffic on a connection violates MQTT. In a capture, `lint` judges only connections with resource topics. The text of the finding names the violation.", "Correct the MQTT client or broker."),
        ],
    },
    Section {
        title: "Findings about a transfer",
        intro: "`lint` reports these findings for a capture. In live tests, `device` reports the findings against a device. `platform` reports the findings against a platform, except `download-refused`.",
        codes: &[
            code("url-not-issued", "MUST, device; SHOULD in `lint` if missing data may explain the finding", &["HTTP-1", "HTTP-5"], "A request goes to a URL that was not issued to the device. For example, the URL comes from a malformed or misplaced message, from a message to a different device, or, for an upload, from a redirection.", "Use only the issued URL."),
            code("altered-url", "MUST, device; SHOULD in `lint` if missing data may explain the finding", &["HTTP-1", "HTTP-5"], "The URL of a request is not exactly the issued URL. The text of the finding states the difference, for example a missing query string.", "Send the issued URL unchanged."),
            code("wrong-method", "MUST, device", &["HTTP-1", "HTTP-5"], "A request to the URL of an upload is not a `PUT`, or a request to the URL of a download is neither a `GET` nor a `HEAD`.", "Send `PUT` for an upload and `GET` for a download."),
            code("put-again", "MUST, device; SHOULD after a failed `PUT`, or in `lint` if missing data may explain the finding", &["HTTP-1"], "A device sends another `PUT` to the same URL, although an upload must consist of one `PUT`.", "To repeat an upload, send `create_upload_task` again and use the new URL."),
            code("host", "MUST, device", &["HTTP-1", "HTTP-5"], "The header `Host` is missing (in HTTP/1.1), occurs more than once, or names a host or a port other than that of the issued URL. The finding can also be about the host in the request line. `device` also reports a missing port.", "Send one `Host` header with the host of the URL. If the URL names a port, include the port."),
            code("missing-content-md5", "MUST, device", &["HTTP-2"], "An upload has no `Content-MD5`.", "Send the Base64 of the 16 bytes of the digest as the value of `Content-MD5`."),
            code("content-md5", "MUST, device", &["HTTP-4"], "`Content-MD5` is the Base64 of 16 bytes, but not of the 16 bytes that `md5sum` represents.", "Send the Base64 of the 16 bytes that `md5sum` represents."),
            code("missing-content-length", "MUST, device", &["HTTP-3"], "An upload has no `Content-Length`.", "Send `size` as the value of `Content-Length`."),
            code("content-length", "MUST, device", &["HTTP-3"], "`Content-Length` is not the announced `size`.", "Send `size` as the value of `Content-Length`."),
            code("body-length", "MUST, device", &["HTTP-3"], "The body of an upload is not `size` bytes long.", "Read the file as bytes and not as text, and do not change it during the transfer."),
            code("body-md5", "MUST, device", &["HTTP-4"], "The MD5 of the body of an upload is not `md5sum`. If `md5sum` is not in the capture, `lint` compares the MD5 with `Content-MD5`. If the connection ends early, `device` compares the received bytes with the beginning of the file.", "Read the file as bytes and not as text, and do not change it during the transfer."),
            code("range", "MUST, device; SHOULD for a range that ends after the last byte or has no end", &["HTTP-6"], "The `Range` of a download is not `bytes=A-B`, where A and B are the positions of the first and the last byte of a part of the resource.", "Send a range in which B is at most `size` - 1. Request an empty resource without `Range`."),
            code("done-without-bytes", "MUST, device", &["HTTP-1", "HTTP-5"], "A device reports `done` (in the `documented` profile, a `percent` of 100), but the bytes of the resource never arrive.", "Report `done` only after the store has confirmed the upload with a status from 200 to 299, or after all bytes of the download have arrived."),
            code("done-too-early", "MUST, device", &["HTTP-1", "HTTP-5"], "A device reports `done` (in the `documented` profile, a `percent` of 100) before all bytes of the resource have arrived.", "Report `done` only after the store has confirmed the upload with a status from 200 to 299, or after all bytes of the download have arrived."),
            code("range-ignored", "SHOULD, platform", &["HTTP-6"], "The store ignores the `Range` of a request and delivers the whole resource.", "Check the store and any proxy in front of it."),
            code("range-refused", "MUST, platform", &["HTTP-6"], "The store refuses a request for a part that exists or, with the status 416, a request for the whole resource. `platform` also uses this code for any other wrong response to a request with `Range`, unless `range-ignored` or `wrong-part` applies.", "Check the store and any proxy in front of it."),
            code("wrong-part", "MUST, platform", &["HTTP-6"], "The store sends a part that was not requested, a part with wrong bytes, or a part whose `Content-Range` is wrong or missing.", "Check the store and any proxy in front of it."),
            code("download-differs", "MUST, platform", &["HTTP-5"], "The bytes that the store sends do not have the announced length or MD5, or `Content-Length` is not the announced length. `platform` also uses this code for a missing or incomplete response, and for a status other than 200.", "Check the store and any proxy in front of it."),
            code("upload-refused", "MUST, platform; SHOULD in `lint`", &["HTTP-1"], "The store does not accept a correct upload. `lint` reports this finding only if no later request for this upload succeeds. In `lint`, the finding is a warning, because the reason may be temporary.", "Read the reason in the text of the finding, and check the log of the store."),
            code("download-refused", "SHOULD, platform", &["HTTP-5"], "The store refuses or interrupts a correct download, and no later request for this download succeeds. The finding is a warning, because the reason may be temporary.", "Read the reason in the text of the finding, and check the log of the store."),
        ],
    },
    Section {
        title: "Findings about a device",
        intro: "`device` reports these findings in addition to findings from the preceding sections. The level of some findings depends on the scenario. `device --list` prints the level of each scenario.",
        codes: &[
            code("crashed", "MUST", &[], "A signal (on Windows, an exception) ended the program of the device. In the results of `run`, the outcome `crashed` means that the adapter ended before it answered a request. In the results of `platform`, it means that the broker can no longer be reached.", "Read the output of the program in the report of the run."),
            code("sanitizer", "MUST", &[], "The output of the device contains a report from AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer, MemorySanitizer, ThreadSanitizer or Valgrind. The finding does not depend on the exit status of the program. The text of the finding contains the first line of the first report.", "Correct the errors that these tools report."),
            code("exited", "MUST or SHOULD (depending on the scenario)", &["TOP-1", "SES-3", "SES-5", "SES-7", "SES-11"], "The program of the device ended with a status other than 0 before it had completed its part of the scenario. The text of the finding names the missing action. The missing action is not an additional finding.", "Read the output of the program in the report of the run."),
            code("no-request", "MUST or SHOULD (depending on the scenario)", &["TOP-1", "SES-11"], "The device does not publish a new create or query within the time limit. For example, it publishes nothing, publishes on a different topic, or only repeats an earlier message with DUP.", "Check the environment variables of the trigger, the address of the broker, and the topic. Publish a new create or query without DUP."),
            code("no-end", "MUST", &["SES-7"], "The device starts a task but never publishes a final report on it.", "Publish a final report on each task, even if the transfer fails."),
            code("not-taken", "MUST or SHOULD (depending on the scenario)", &["SES-3", "SES-5"], "The device ignores a task that it received, or never publishes a final report on a second download that the platform has pushed.", "Accept the right answer, even if it is late or follows a wrong answer. Publish a final report on each pushed download."),
            code("failed", "MUST or SHOULD (depending on the scenario)", &["SES-7"], "The device reports that a transfer failed, although the transfer could have succeeded.", "Find out why the device reports the `result_code` that the text of the finding contains."),
            code("no-reason", "MUST; SHOULD if `result_msg` is not empty", &["VAL-7"], "The device reports `fail` with the `result_code` 0.", "Send a `result_code` other than 0."),
            code("wrong-file", "MUST; SHOULD for wrong bytes after `fail`", &["HTTP-5"], "The file that the device stores differs from the resource, cannot be read, or is in the wrong folder. A file is in the wrong folder if the device uses the name of the resource as a path. After `fail`, the file may contain a part of the resource.", "Check the digest before you store the file, and do not use the name as a path."),
            code("certificate", "MUST; SHOULD if the certificate has expired", &["TLS-1", "TLS-2", "TLS-3"], "The device sends an MQTT CONNECT or an HTTP request, although the certificate of the server is invalid.", "Check the authority, the name and the validity period of each certificate."),
            code("http", "MUST; SHOULD if servers usually accept the request", &[], "The head of an HTTP request violates HTTP, is incomplete, is longer than 16 KiB, or has more than 64 headers.", "Read the reason in the text of the finding."),
            code("stays-away", "SHOULD", &[], "The device does not reconnect after it loses its connection to the broker.", "Reconnect to the broker after the connection is lost."),
            code("waits-forever", "SHOULD", &[], "The platform does not answer the first create or query of the device. The device stays connected until the time limit, but neither sends the message again nor exits.", "Send the message again after a time-out, or end the program."),
            code("retained", "SHOULD", &["TOP-1"], "The device publishes a message with RETAIN. A broker that keeps the message delivers it again to each later subscriber.", "Publish without RETAIN."),
            code("wildcard-filter", "SHOULD", &["TOP-2"], "The device subscribes to a filter with a wildcard, which can also match the topics of other devices. A broker that checks the rights of subscribers refuses such a filter.", "Subscribe only to the down topic of the device."),
            code("percent-too-early", "SHOULD", &["VAL-5"], "The device reports a `percent` of 100 before the store has read any of the body.", "Report the percentage of the body that the device has sent."),
            code("same-name", "SHOULD", &["SES-10"], "The device uploads two files under the same name, although the extensions of the files differ. The second file then replaces the first.", "Include the extension of the file in the name."),
            code("taken-for-silence", "SHOULD", &["VAL-7"], "The device waits considerably longer after an answer with `result_code` -1 than after an answer with a different code.", "Treat every code as an answer."),
            code("other-file", "SHOULD", &["MSG-1"], "The device announces an upload of a file other than the one that `IOTHUB_FILE` names. The device then does not show the behaviour that the scenario tests.", "Upload the file that `IOTHUB_FILE` names."),
            code("too-many-messages", "MUST", &[], "A device sends more than 4,096 messages and requests, or more than 4 MiB, after one start. In one scenario, a platform sends more than 4 MiB of topics and payloads, or too many messages and acknowledgements. Their limit is 4,096 in addition to one for each message that the platform receives.", "Send each message once, and wait for the answer."),
        ],
    },
    Section {
        title: "Findings about a platform",
        intro: "`platform` reports these findings in addition to findings from the preceding sections.",
        codes: &[
            code("disconnected", "MUST", &[], "The broker cannot be reached, refuses the connection or the subscription, ends the connection, does not answer, or sends unexpected data.", "Read the reason in the text of the finding."),
            code("report-refused", "MUST", &["VAL-7"], "A report violates no rule, but the platform answers it with a `result_code` other than 0.", "Answer a report on an open task with `result_code` 0."),
            code("misplaced-accepted", "SHOULD", &["SES-3", "SES-5", "SES-7"], "A report violates SES-3, SES-5 or SES-7, but the platform answers it with `result_code` 0, which means success.", "Answer such a report with a `result_code` other than 0."),
            code("down-topic-open", "SHOULD", &["TOP-2"], "The broker delivers messages that the device publishes on its own down topic.", "Permit only the platform to publish on that topic."),
            code("bad-upload-accepted", "MUST", &["HTTP-1", "HTTP-2", "HTTP-3", "HTTP-4"], "The store accepts an upload that it must refuse.", "Check the length, digest and URL of each upload."),
        ],
    },
];
