//! Keys or sign-ins of the account that are exposed or in use by others.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::CompromisedCredentials,
    phrases: &[
        "may have been inappropriately accessed by a third-party",
        "may have been inappropriately accessed by a third party",
        "publicly available online",
        "access key has been compromised",
        "someone else got access",
        "someone else has access to your account",
        "access keys may be compromised",
        "irregular activity detected for your aws access key",
        "suspicious activity in your aws account",
        "irregular activity in your aws account",
        "please review your aws account and credentials",
        "anomalous activity in your aws account",
        "anomalous activity which indicates your aws access key",
    ],
    codes: &["CREDENTIALS_EXPOSED", "CREDENTIALS_COMPROMISED", "RISK_CREDENTIALS", "IAM_QUARANTINE", "CREDENTIAL"],
    short_names: &[
        "compromised credentials",
        "exposed credentials",
        "exposed access key",
        "compromised access key",
        "credential exposure",
        "account compromise",
    ],
    keywords: &[
        "access key",
        "credentials",
        "leaked key",
        "exposed key",
        "iam user",
        "root login",
        "console login",
        "アクセスキー",
        "認証情報",
        "鍵の漏えい",
        "鍵が漏",
        "不正ログイン",
        "コンソールログイン",
        "getcalleridentity",
    ],
    examples: &[
        "We identified that your AWS account may have been inappropriately accessed by a third-party.",
        "The access key AKIAIOSFODNN7EXAMPLE and its secret are publicly available online.",
    ],
};
