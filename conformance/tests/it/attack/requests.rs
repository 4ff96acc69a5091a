//! Requests in the bodies of other requests.

use crate::live::serving::{exchange, file, run_device, serve};

/// Returns the number of responses in some bytes.
fn answers(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).matches("HTTP/1.1 ").count()
}

#[test]
fn a_body_is_never_taken_for_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let offer = file(folder.path(), "firmware.bin", 10);
    let serving = serve(&["--offer", offer.to_str().unwrap()]);
    let issued = super::http::download(&serving);
    let inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    for target in [&*issued, "/nothing/here"] {
        for method in ["GET", "HEAD", "DELETE", "PUT"] {
            for framing in [
                format!("Content-Length: {}\r\n", inner.len()),
                "Transfer-Encoding: chunked\r\n".to_owned(),
                "Transfer-Encoding: identity\r\n".to_owned(),
                format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", inner.len()),
            ] {
                let host = serving.http_address();
                let request =
                    format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n{inner}");
                let (answered, _) = exchange(host, request.as_bytes());
                assert_eq!(
                    answers(&answered),
                    1,
                    "{request}: {}",
                    String::from_utf8_lossy(&answered)
                );
            }
        }
    }
    let got = folder.path().join("got");
    run_device(&serving.mqtt, &["--download", got.to_str().unwrap()]);
    serving.end();
}
