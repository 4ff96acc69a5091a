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
        intro: "An implementation rejects an invalid input with one of these codes. In the examples, `…` represents omitted text.",
        codes: &[
            code("payload-too-large", "MUST", &[], "The payload has more than 16,384 bytes.", "Shorten the values or remove white space."),
            code("not-utf8", "MUST", &[], "The bytes of the payload are not UTF-8, for example because a `name` is in Latin-1 or GBK.", "Encode the text as UTF-8."),
            shown(r#"{"type":"get_download_task",}"#, code("invalid-json", "MUST", &[], "The payload is not exactly one JSON text. For example, it has a byte-order mark, a trailing comma, a comment, an invalid escape, a zero byte at its end, or no closing brace.", "Use a JSON writer. Send exactly the bytes of the text, without the zero byte of a C string.")),
            shown(r#"["get_download_task"]"#, code("not-an-object", "MUST", &[], "The payload is JSON but not an object.", "Send an object.")),
            shown(r#"{"type":"…","\u0074ype":"…"}"#, code("duplicate-key", "MUST", &[], "A key of the vocabulary occurs twice in one object. One of the two keys may be written with escapes.", "Write each key once.")),
            shown(r#"{"type":"get_download_task","version":1}"#, code("unknown-field", "MUST; SHOULD in the `deployed` profile", &[], "The message has a key that is not documented for its type. In the `deployed` profile, such a key is skipped and causes only a warning.", "Remove the key.")),
            shown(r#"{"size":1}"#, code("missing-type", "MUST", &[], "The key `type` is missing, so the message cannot be identified.", "Add `type`.")),
            shown(r#"{"type":"create_upload_task","size":1,"name":"zxc"}"#, code("missing-field", "MUST", &[], "A key that messages of this type require is missing.", "Add the key.")),
            shown(r#""size":"1""#, code("wrong-type", "MUST", &[], "A value does not have the JSON type that its key requires, is `null`, or is a number that is not written as an integer.", "Write each string in quotation marks, and each integer without quotation marks, a fraction or an exponent.")),
            shown(r#"{"type":"get_download_tusk"}"#, code("unknown-type", "MUST", &["MSG-1", "MSG-9"], "The value of `type` is not a message type of the profile.", "Correct the value. `download` exists only in the `deployed` profile.")),
            code("wrong-direction", "MUST", &[], "The message is on the topic of the other direction. Each type travels in one direction only.", "Publish on the up topic as a device, and on the down topic as a platform."),
            shown(r#""percent":101"#, code("out-of-range", "MUST", &[], "An integer is outside the bounds of its key.", "Send a value within the bounds that the error message states.")),
            shown(r#""name":"""#, code("invalid-name", "MUST", &[], "`name` is empty or contains a control character.", "Send at least one character and no control characters.")),
            shown(r#""md5sum":"************""#, code("invalid-md5sum", "MUST", &[], "`md5sum` does not consist of 32 hexadecimal digits. In the `documented` profile, the digits must be lowercase.", "Send the MD5 of the whole resource as 32 lowercase hexadecimal digits.")),
            shown(r#""url":"ftp://a""#, code("invalid-url", "MUST", &[], "`url` does not begin with `http://` or `https://`, has no host, or contains a character that is not visible ASCII.", "Send a complete `http` or `https` URL.")),
            shown(r#""state":"finished""#, code("invalid-state", "MUST", &[], "The report has a `state` that is not valid for its type.", "Send `uploading` for an upload and `downloading` for a download. In the `deployed` profile, `done` and `fail` are also valid.")),
            shown("$resource/up/service/P/d/", code("invalid-topic", "MUST", &[], "The text does not have the form of one of the two topics, or the product id or device name in it is invalid.", "Use exactly `$resource/up/service/{product_id}/{device_name}`, or the same topic with `down`.")),
            shown("5d41402abc4b2a76b9719d911017c592", code("invalid-content-md5", "MUST", &["HTTP-4"], "`Content-MD5` is not the canonical Base64 of 16 bytes, which has 24 characters and ends with `==`. If `lint` recognises the mistake, the text of the finding names it, for example hexadecimal digits, missing padding or a repeated header.", "Encode the 16 bytes of the digest, not its 32 digits.")),
        ],
    },
    Section {
        title: "Findings in a session",
        intro: "`lint`, `device`, `platform` and the operation `trace` of an adapter report these findings.",
        codes: &[
            code("unsolicited-response", "MUST, platform", &[], "A response does not answer an open request, which is a request whose answer is owed or may come.", "Answer each request at most once."),
            code("echo-mismatch", "MUST, platform", &[], "The `size` or `md5sum` of the response to a create differs from that of the create.", "Repeat the values of the create."),
            code("progress-before-url", "MUST, device", &[], "A device reports on an upload before the platform has issued the URL of the task.", "Wait for the response to the create."),
            code("no-such-task", "MUST, device", &[], "A report names a task that was neither created nor delivered.", "Wait for the response to the create, or for the delivery. Then report the name from that message."),
            code("after-end", "MUST, device", &[], "A report follows the report that ended its task.", "Publish no report on a task after its final report."),
            code("percent-decreased", "SHOULD, device", &[], "A report has a lower `percent` than the previous report of its task.", "Report the same percentage or a higher percentage."),
            code("unanswered", "SHOULD, platform", &[], "A create or a report was never answered.", "Answer each create and each report."),
            code("repeated", "SHOULD", &[], "A final report or a response with a task was sent again without the DUP flag of MQTT.", "Set DUP when MQTT repeats a message."),
        ],
    },
    Section {
        title: "Warnings about messages",
        intro: "A message with one of these codes is valid, but some deployed peers fail on it, or it is a risk to security.",
        codes: &[
            code("uppercase-md5sum", "SHOULD", &["VAL-3"], "`md5sum` has uppercase digits, which some peers do not accept.", "Write lowercase digits."),
            code("long-name", "SHOULD", &["VAL-2"], "`name` is longer than 63 bytes, the most that a buffer of the vendor's SDK can hold.", "Choose a name of at most 63 bytes."),
            code("unsafe-name", "SHOULD", &["VAL-2"], "`name` is not safe as the name of a file: it contains a slash or a backslash, or is `.` or `..`.", "Choose a name that is a simple file name."),
            code("long-url", "SHOULD, platform", &["VAL-4"], "`url` is longer than 1,023 bytes, the most that a buffer of the vendor's SDK can hold.", "Shorten the signature or the path."),
            code("plain-http", "SHOULD, platform", &["VAL-4"], "`url` has the scheme `http`, so anybody who can observe the network can read the resource and the signature.", "Use `https`."),
            code("too-long-for-devices", "SHOULD, platform", &[], "A message to a device has more than 2,047 bytes.", "Shorten the URL or the name."),
            code("leading-space", "SHOULD, platform", &[], "A message to a device does not begin with `{`.", "Remove the white space."),
            code("escaped", "SHOULD, platform", &[], "A message to a device has a string with `\\/` or `\\u`, which deployed devices do not decode.", "Write the characters themselves, in UTF-8 and without escapes."),
            code("zero-size", "SHOULD, platform", &[], "A message to a device has a `size` of 0, and deployed devices divide by `size`.", "Do not offer an empty resource."),
            code("url-for-devices", "SHOULD, platform", &[], "`url` has more than 820 bytes, which may exceed the buffers of deployed devices, or names a port, which the vendor's C SDK treats as a part of the host name.", "Use a URL of at most 820 bytes without a port."),
            code("odd-response", "SHOULD, platform", &[], "A progress response has `result_code` 0 with a `result_msg` other than `ok`, or `result_code` -1. Deployed devices misinterpret such responses.", "Send 0 with `ok` for success, and a code other than 0 and -1 for a failure."),
        ],
    },
    Section {
        title: "Findings about a capture",
        intro: "To record again, see [Record what your device sends](../how-to/record-what-my-device-sends.md).",
        codes: &[
            code("unreadable", "MUST, recording; SHOULD for missing data with `--partial`", &[], "A line or a packet cannot be read, or a part of a connection is missing.", "Record the traffic again, with every byte."),
            code("mqtt", "MUST, the sender", &[], "The traffic on a connection violates MQTT. In a capture, only connections with resource topics are judged. The text of the finding names the violation.", "Correct the MQTT client or broker."),
        ],
    },
    Section {
        title: "Findings about a transfer",
        intro: "`lint` reports these findings for a capture. In live tests, `device` reports those against a device, and `platform` reports those against a platform.",
        codes: &[
            code("url-not-issued", "MUST, device", &["HTTP-1", "HTTP-5"], "A request goes to a URL that no valid message has issued to the device. For example, the URL comes from a message that must be rejected, from a message to a different device, or from a redirection.", "Use only the issued URL."),
            code("altered-url", "MUST, device", &["HTTP-1", "HTTP-5"], "The URL of a request is not exactly the issued URL. The text of the finding states the difference, for example a missing query string.", "Send the issued URL unchanged."),
            code("wrong-method", "MUST, device", &["HTTP-1", "HTTP-5"], "A request for an upload has a method other than `PUT`, or a request for a download has a method other than `GET` and `HEAD`.", "Send `PUT` for an upload and `GET` for a download."),
            code("put-again", "MUST, device; SHOULD after a failure", &["HTTP-1"], "A second `PUT` goes to the same URL, although an upload must be one `PUT`.", "Create the task again."),
            code("host", "MUST, device", &["HTTP-1", "HTTP-5"], "The header `Host` is missing, occurs more than once, or does not name the host of the URL. `device` also requires the port of the URL.", "Send one `Host` header with the host of the URL and, if the URL names a port, with the port."),
            code("missing-content-md5", "MUST, device", &["HTTP-2"], "An upload has no `Content-MD5`.", "Send the Base64 of the 16 bytes of the digest."),
            code("content-md5", "MUST, device", &["HTTP-4"], "`Content-MD5` is the Base64 of 16 bytes other than those of `md5sum`.", "Send the Base64 of the 16 bytes of `md5sum`."),
            code("missing-content-length", "MUST, device", &["HTTP-3"], "An upload has no `Content-Length`.", "Send `size` as the value of `Content-Length`."),
            code("content-length", "MUST, device", &["HTTP-3"], "`Content-Length` is not the announced `size`.", "Send `size` as the value of `Content-Length`."),
            code("body-length", "MUST, device", &["HTTP-3"], "The length of the body of an upload is not `size`.", "Read the file as bytes, and do not change it during the transfer."),
            code("body-md5", "MUST, device", &["HTTP-4"], "The MD5 of the body of an upload is not `md5sum`.", "Read the file as bytes, and do not change it during the transfer."),
            code("range", "MUST, device; SHOULD for a range that ends after the resource or has no end", &["HTTP-6"], "The `Range` of a request does not describe a part of the resource.", "End the range at `size` - 1 or before."),
            code("done-without-bytes", "MUST, device", &["HTTP-1", "HTTP-5"], "A device reports `done` (in the `documented` profile, a `percent` of 100), but the bytes did not arrive.", "Report `done` only after the store has confirmed the transfer."),
            code("done-too-early", "MUST, device", &["HTTP-1", "HTTP-5"], "A device reports `done` (in the `documented` profile, a `percent` of 100) before all bytes have arrived.", "Report `done` only after the store has confirmed the transfer."),
            code("range-ignored", "SHOULD, platform", &["HTTP-6"], "The store answers a request for a part with the whole resource.", "Check the store and any proxy in front of it."),
            code("range-refused", "MUST, platform", &["HTTP-6"], "The store refuses a request for a part that exists. `platform` also reports a wrong response to a range after the last byte.", "Check the store and any proxy in front of it."),
            code("wrong-part", "MUST, platform", &["HTTP-6"], "The store sends a part other than the requested part, or a part whose `Content-Range` is wrong or missing.", "Check the store and any proxy in front of it."),
            code("download-differs", "MUST, platform", &["HTTP-5"], "The bytes that the store sends do not have the announced length or MD5. `platform` also reports a status other than 200.", "Check the store and any proxy in front of it."),
            code("upload-refused", "MUST, platform; SHOULD in `lint`", &["HTTP-1"], "The store refused a correct upload. `lint` reports this finding only if no later request for this upload succeeded. The finding is then a warning, because the reason may be temporary.", "Read the reason in the text of the finding, and check the log of the store."),
            code("download-refused", "SHOULD, platform", &["HTTP-5"], "The store refused a correct download, and no later request for this download succeeded. This finding of `lint` is a warning, because the reason may be temporary.", "Read the reason in the text of the finding, and check the log of the store."),
        ],
    },
    Section {
        title: "Findings about a device",
        intro: "`device` reports these findings in addition to findings from the preceding sections. Some findings have the level of the scenario, which `device --list` prints.",
        codes: &[
            code("crashed", "MUST", &[], "A signal (on Windows, an exception) ended the program of the device. As an outcome of `run`, `crashed` means that the adapter ended before it answered a request.", "Read the output of the program, which the report contains."),
            code("sanitizer", "MUST", &[], "The output of the device contains a report of AddressSanitizer, UndefinedBehaviorSanitizer, LeakSanitizer, MemorySanitizer, ThreadSanitizer or Valgrind. The finding does not depend on the exit status. It contains the first line of the first report in the output.", "Correct the memory error or the undefined behaviour that the sanitizer reports."),
            code("exited", "MUST or SHOULD (depending on the scenario)", &["TOP-1", "SES-3", "SES-5", "SES-7", "SES-11"], "The program of the device ended with a status other than 0 before it had completed its part of the scenario. The text of the finding states what is missing. The missing part is not an additional finding.", "Read the output of the program, which the report contains."),
            code("no-request", "MUST or SHOULD (depending on the scenario)", &["TOP-1", "SES-11"], "The device sends no new request within the time limit. It sends no request at all, sends the request on a different topic, or only repeats an earlier request with DUP.", "Check the environment of the trigger, the address of the broker and the topic. Send a new request without DUP."),
            code("no-end", "MUST", &["SES-7"], "The device started a task but never published a final report.", "Publish a final report for each task: `done` or `fail`."),
            code("not-taken", "MUST or SHOULD (depending on the scenario)", &["SES-3", "SES-5"], "The device ignores a task that it received, or does not end a second download that was pushed.", "Accept the right answer, even if it is late or follows a wrong answer. Publish a final report on each pushed download."),
            code("failed", "MUST or SHOULD (depending on the scenario)", &["SES-7"], "The device reports that a transfer failed, although the transfer could have succeeded.", "Read the reason in the text of the finding."),
            code("no-reason", "MUST; SHOULD if `result_msg` is not empty", &["VAL-7"], "The device reports `fail` with the `result_code` 0.", "Send a `result_code` other than 0."),
            code("wrong-file", "MUST; SHOULD after `fail`", &["HTTP-5"], "The device stores bytes other than those of the resource, or uses the name of the resource as the path of the file.", "Check the digest before you store the file, and do not use the name as a path."),
            code("certificate", "MUST; SHOULD if the certificate has expired", &["TLS-1", "TLS-2", "TLS-3"], "The device continues although the certificate of the server is invalid.", "Check the authority, the name and the validity period of each certificate."),
            code("http", "MUST; SHOULD if servers usually accept the request", &[], "The head of an HTTP request violates HTTP, or has more than 64 headers or 16 KiB.", "Read the reason in the text of the finding."),
            code("stays-away", "SHOULD", &[], "The device does not reconnect after it loses its connection to the broker.", "Connect again after a lost connection."),
            code("waits-forever", "SHOULD", &[], "A request of the device was lost. The device stays connected until the time limit but neither repeats the request nor exits.", "Send the request again after a time-out, or end the program."),
            code("retained", "SHOULD", &["TOP-1"], "The device publishes with RETAIN. A broker that keeps the message delivers it again to each later subscriber.", "Publish without RETAIN."),
            code("wildcard-filter", "SHOULD", &["TOP-2"], "The device subscribes with a wildcard, so it can also receive messages on the topics of other devices. A broker that checks the rights of subscribers refuses the filter.", "Subscribe to the down topic of the device."),
            code("percent-too-early", "SHOULD", &["VAL-5"], "The device reports 100% before the store has read anything of the body.", "Report the share of the body that was sent."),
            code("same-name", "SHOULD", &["SES-10"], "The device uploads two files under one name, so the second file replaces the first.", "Keep the extension in the name."),
            code("taken-for-silence", "SHOULD", &["VAL-7"], "The device waits longer after an answer with `result_code` -1 than after an answer with a different code.", "Treat every code as an answer."),
            code("other-file", "SHOULD", &["MSG-1"], "The device uploads a file other than the given file, so the scenario cannot be judged.", "Upload the file that `IOTHUB_FILE` names."),
            code("too-many-messages", "MUST", &[], "After one start, a device sends more than 4,096 messages and requests, or more than 4 MiB in total. In one scenario, a platform sends more than 4 MiB, or more than 4,096 messages in addition to one for each received message.", "Send each message once, and wait for the answer."),
        ],
    },
    Section {
        title: "Findings about a platform",
        intro: "`platform` reports these findings in addition to findings from the preceding sections.",
        codes: &[
            code("disconnected", "MUST", &[], "The broker cannot be reached, refuses or ends the connection, does not answer, or sends bytes that cannot be read as MQTT.", "Read the reason in the text of the finding."),
            code("report-refused", "MUST", &["VAL-7"], "The platform answers a permitted report with a `result_code` other than 0.", "Answer a report on an open task with `result_code` 0."),
            code("misplaced-accepted", "SHOULD", &["SES-3", "SES-5", "SES-7"], "The platform answers a report that violates one of these rules with `result_code` 0, which means success.", "Answer such a report with a `result_code` other than 0."),
            code("down-topic-open", "SHOULD", &["TOP-2"], "The broker delivers messages that the device publishes on its own down topic.", "Permit only the platform to publish on that topic."),
            code("bad-upload-accepted", "MUST", &["HTTP-1", "HTTP-2", "HTTP-3", "HTTP-4"], "The store accepts an upload that it must refuse.", "Check the length, digest and URL of each upload."),
        ],
    },
];
