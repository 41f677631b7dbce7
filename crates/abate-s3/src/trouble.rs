//! What S3 refuses and why, in words for a loss, with what to do in both languages.

use std::io::{self, ErrorKind};

use abate_model::Text;

/// Why something could not be listed or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub kind: Kind,
    /// what was said, by S3 or by the network
    pub said: String,
}

/// The kinds of trouble that call for different things to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// no permission to list
    ListDenied,
    /// no permission to read
    ReadDenied,
    /// no permission to use the key that it is encrypted with
    KeyDenied,
    /// no credentials, or some that do not hold
    Credentials,
    /// there is no such bucket
    NoBucket,
    /// there is no such object, any more
    Gone,
    /// it is another content than the one that was listed
    Changed,
    /// it lies in an archive
    Archived,
    /// it is encrypted with a key that only its owner has
    CustomerKey,
    /// S3 asked to wait, again and again
    Busy,
    /// the network failed, again and again
    Unreachable,
    /// its key cannot be asked for
    OddKey,
    /// the place, or what is set up, cannot be used
    Setup,
    /// an answer that was not expected
    Answer,
}

/// No more of an answer is repeated.
const MOST_SAID: usize = 300;

impl Trouble {
    pub fn new(kind: Kind, said: impl Into<String>) -> Self {
        let said: String = said.into();
        let clean: String = said.chars().take(MOST_SAID).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { kind, said: if clean.len() < said.len() { clean + "…" } else { clean } }
    }

    /// What an answer with an error means; `listing` when a listing was asked for.
    pub fn of_answer(status: u16, code: &str, message: &str, listing: bool) -> Self {
        let about_kms = code.starts_with("KMS.") || message.contains("kms:");
        let about_customer_key = message.contains("Server Side Encryption") || message.contains("server-side-encryption-customer");
        let kind = match code {
            _ if about_kms => Kind::KeyDenied,
            "InvalidObjectState" => Kind::Archived,
            "NoSuchBucket" => Kind::NoBucket,
            "NoSuchKey" | "NoSuchVersion" => Kind::Gone,
            "PreconditionFailed" => Kind::Changed,
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "RequestTimeTooSkewed"
            | "RequestExpired"
            | "InvalidSecurity"
            | "NotSignedUp"
            | "InvalidClientTokenId"
            | "MissingSecurityHeader" => Kind::Credentials,
            "SlowDown"
            | "ServiceUnavailable"
            | "InternalError"
            | "RequestTimeout"
            | "Throttling"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "TooManyRequests" => Kind::Busy,
            "InvalidRequest" | "InvalidArgument" if about_customer_key => Kind::CustomerKey,
            "InvalidBucketName" => Kind::Setup,
            _ => match status {
                401 | 403 if listing => Kind::ListDenied,
                401 | 403 => Kind::ReadDenied,
                404 if listing => Kind::NoBucket,
                404 => Kind::Gone,
                412 => Kind::Changed,
                408 | 429 | 500..=599 => Kind::Busy,
                _ => Kind::Answer,
            },
        };
        let said = match (code.is_empty(), message.is_empty()) {
            (true, true) => format!("HTTP status {status}"),
            (true, false) => format!("HTTP status {status}: {message}"),
            (false, true) => code.to_owned(),
            (false, false) => format!("{code}: {message}"),
        };
        Self::new(kind, said)
    }

    /// The reason of a loss: what, and what to do.
    pub fn reason(&self) -> String {
        let what = match self.kind {
            Kind::ListDenied | Kind::ReadDenied => "access denied",
            Kind::KeyDenied => "access to its encryption key denied",
            Kind::Credentials => "the AWS credentials are missing or not accepted",
            Kind::NoBucket => "there is no such bucket",
            Kind::Gone => "the object is gone",
            Kind::Changed => "the object changed after it was listed",
            Kind::Archived => "the object lies in an archive storage class",
            Kind::CustomerKey => "the object is encrypted with a key of its owner's (SSE-C)",
            Kind::Busy => "S3 did not answer the request, however often it was repeated",
            Kind::Unreachable => "S3 cannot be reached",
            Kind::OddKey => "the object's key has a part that is '.' or '..', which cannot be asked for",
            Kind::Setup => "it cannot be asked for",
            Kind::Answer => "an answer that was not expected",
        };
        let said = if self.said.is_empty() { String::new() } else { format!(" ({})", self.said) };
        match self.kind.advice() {
            Some(advice) => format!("{what}{said}; {}", advice.en),
            None => format!("{what}{said}"),
        }
    }

    /// The same as an error of reading.
    pub fn into_error(self) -> io::Error {
        let kind = match self.kind {
            Kind::ListDenied | Kind::ReadDenied | Kind::KeyDenied | Kind::Credentials | Kind::CustomerKey => ErrorKind::PermissionDenied,
            Kind::NoBucket | Kind::Gone => ErrorKind::NotFound,
            Kind::Changed => ErrorKind::ResourceBusy,
            Kind::Busy | Kind::Unreachable => ErrorKind::TimedOut,
            Kind::Archived | Kind::OddKey | Kind::Setup | Kind::Answer => ErrorKind::Other,
        };
        io::Error::new(kind, self.reason())
    }
}

impl Kind {
    /// What to do about it.
    pub fn advice(self) -> Option<Text> {
        let (en, ja) = match self {
            Self::ListDenied => (
                "allow s3:ListBucket on the bucket for these credentials, also in the bucket's own policy",
                "この認証情報に、バケットに対する s3:ListBucket を許可してください（バケットポリシーも確認してください）",
            ),
            Self::ReadDenied => (
                "allow s3:GetObject on the object for these credentials, also in the bucket's own policy",
                "この認証情報に、オブジェクトに対する s3:GetObject を許可してください（バケットポリシーも確認してください）",
            ),
            Self::KeyDenied => (
                "allow kms:Decrypt on the object's KMS key for these credentials",
                "この認証情報に、オブジェクトの KMS キーに対する kms:Decrypt を許可してください",
            ),
            Self::Credentials => (
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, of a session, AWS_SESSION_TOKEN, or AWS_PROFILE, and run it again; \
                 'aws configure export-credentials --format env' prints those of any profile",
                "AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY（一時的な認証情報では AWS_SESSION_TOKEN も）または AWS_PROFILE を設定して、再度実行してください。\
                 「aws configure export-credentials --format env」で、どのプロファイルの認証情報も表示できます",
            ),
            Self::NoBucket => (
                "check the bucket's name, and that AWS_ENDPOINT_URL is what you mean",
                "バケット名と、AWS_ENDPOINT_URL の設定を確認してください",
            ),
            Self::Gone => (
                "it was removed after it was listed: run it again, and look for who removed it",
                "一覧の取得後に削除されました。再度実行し、誰が削除したかも確認してください",
            ),
            Self::Changed => ("run it again", "再度実行してください"),
            Self::Archived => (
                "restore it first ('aws s3api restore-object'), then run it again",
                "先に復元してから（「aws s3api restore-object」）、再度実行してください",
            ),
            Self::CustomerKey => (
                "copy it with the key it was written with ('aws s3 cp --sse-c --sse-c-key …') to a folder, and name that",
                "書き込み時の鍵でフォルダーに複製し（「aws s3 cp --sse-c --sse-c-key …」）、そのフォルダーを指定してください",
            ),
            Self::Busy => (
                "run it again later: what was read is kept where the lake is",
                "時間をおいて再度実行してください。読み取り済みのものは保存先に残っています",
            ),
            Self::Unreachable => (
                "check the network, the proxy and AWS_ENDPOINT_URL, then run it again",
                "ネットワーク、プロキシ、AWS_ENDPOINT_URL を確認して、再度実行してください",
            ),
            Self::OddKey => (
                "copy it to another key ('aws s3api copy-object'), or to a folder, and name that",
                "別のキー（「aws s3api copy-object」）またはフォルダーに複製し、そちらを指定してください",
            ),
            Self::Setup | Self::Answer => return None,
        };
        Some(Text::fixed(en, ja))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_what_they_mean() {
        let kind = |status, code, message, listing| Trouble::of_answer(status, code, message, listing).kind;
        assert_eq!(kind(403, "AccessDenied", "Access Denied", true), Kind::ListDenied);
        assert_eq!(kind(403, "AccessDenied", "Access Denied", false), Kind::ReadDenied);
        assert_eq!(kind(403, "AccessDenied", "User: x is not authorized to perform: kms:Decrypt on resource: y", false), Kind::KeyDenied);
        assert_eq!(kind(403, "InvalidObjectState", "", false), Kind::Archived);
        assert_eq!(kind(400, "ExpiredToken", "The provided token has expired.", true), Kind::Credentials);
        assert_eq!(kind(404, "NoSuchBucket", "", true), Kind::NoBucket);
        assert_eq!(kind(404, "NoSuchKey", "", false), Kind::Gone);
        assert_eq!(kind(404, "", "", false), Kind::Gone);
        assert_eq!(kind(412, "PreconditionFailed", "", false), Kind::Changed);
        assert_eq!(kind(503, "SlowDown", "Please reduce your request rate.", false), Kind::Busy);
        assert_eq!(kind(502, "", "", false), Kind::Busy);
        let customer = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided";
        assert_eq!(kind(400, "InvalidRequest", customer, false), Kind::CustomerKey);
        assert_eq!(kind(400, "InvalidRequest", "Missing something", false), Kind::Answer);
    }

    #[test]
    fn reasons_say_what_to_do_and_are_bounded() {
        let denied = Trouble::of_answer(403, "AccessDenied", "Access Denied", false).reason();
        assert_eq!(
            denied,
            "access denied (AccessDenied: Access Denied); allow s3:GetObject on the object for these credentials, also in the bucket's own policy"
        );
        let long = Trouble::new(Kind::Answer, "a\n\u{1b}".repeat(10_000));
        assert!(long.said.chars().count() == MOST_SAID + 1 && !long.said.chars().any(char::is_control));
    }
}
