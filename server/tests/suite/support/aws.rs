//! AWS's Signature Version 4 from the other side: computed again from what was received, by the
//! steps of <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use hmac::{Hmac, KeyInit, Mac};
use relay_provider_sim::Received;
use sha2::{Digest, Sha256};

use super::canary::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// A signed request, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) access_key_id: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) headers: Vec<String>,
    signature: String,
}

impl Signed {
    /// What the request claims of itself.
    pub(crate) fn of(request: &Received) -> Self {
        let authorization = request.header("authorization").expect("a signature");
        let parameters = authorization
            .strip_prefix(ALGORITHM)
            .expect("the algorithm");
        let parameter = |name: &str| {
            let mut all = parameters.split(',').map(str::trim);
            let found = all.find_map(|one| one.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {parameters}"))
        };
        let scope: Vec<&str> = parameter("Credential").split('/').collect();
        let date = request.header("x-amz-date").expect("a date");
        assert_eq!(scope[1], &date[..8]);
        assert_eq!(scope[4], "aws4_request");
        Self {
            access_key_id: scope[0].to_owned(),
            region: scope[2].to_owned(),
            service: scope[3].to_owned(),
            headers: parameter("SignedHeaders")
                .split(';')
                .map(str::to_owned)
                .collect(),
            signature: parameter("Signature").to_owned(),
        }
    }

    /// Whether the holder of this secret signed exactly this request.
    pub(crate) fn is_by(&self, secret: &str, request: &Received) -> bool {
        let headers: String = self.headers.iter().fold(String::new(), |text, name| {
            let value = request.header(name).expect(name).trim();
            text + name + ":" + value + "\n"
        });
        let canonical = [
            request.method.as_str(),
            &encoded_again(&request.path),
            &sorted(request.query.as_deref().unwrap_or_default()),
            &headers,
            &self.headers.join(";"),
            &hex(&Sha256::digest(&request.body)),
        ]
        .join("\n");
        let at = request.header("x-amz-date").expect("a date");
        signature(secret, at, &self.region, &self.service, &canonical) == self.signature
    }
}

/// The signature of a canonical request.
fn signature(secret: &str, at: &str, region: &str, service: &str, canonical: &str) -> String {
    let date = &at[..8];
    let scope = format!("{date}/{region}/{service}/aws4_request");
    let hash = hex(&Sha256::digest(canonical));
    let to_sign = format!("{ALGORITHM}\n{at}\n{scope}\n{hash}");
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [date, region, service, "aws4_request", &to_sign] {
        key = mac(&key, part);
    }
    hex(&key)
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length will do");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The path, each segment encoded once more than it was sent: so it is for all but S3.
fn encoded_again(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn sorted(query: &str) -> String {
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    pairs.join("&")
}

/// AWS's own example, "get-vanilla" of its Signature Version 4 test suite.
#[test]
fn the_signature_is_computed_as_aws_does() {
    let nothing = hex(&Sha256::digest(b""));
    let canonical = format!(
        "GET\n/\n\nhost:example.amazonaws.com\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{nothing}"
    );
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    assert_eq!(
        signature(
            secret,
            "20150830T123600Z",
            "us-east-1",
            "service",
            &canonical
        ),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
}
