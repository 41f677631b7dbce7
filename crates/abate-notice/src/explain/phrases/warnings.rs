//! What AWS never writes in an abuse notice: requests for secrets or money. They stand first, so that no other phrase makes them
//! look harmless.

use abate_model::Text;

use super::{Phrase, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    says(
        Topic::Warning,
        &[
            "provide your root password",
            "provide your password",
            "provide your secret",
            "provide your credentials",
            "provide your access key",
            "provide your mfa",
            "provide the verification code",
            "provide us with your password",
            "send us your password",
            "send your password",
            "reply with your password",
            "confirm your password",
            "enter your password",
            "verify your password",
            "log in with your password",
        ],
        Text::fixed(
            "The mail asks for a secret. AWS never asks for passwords, keys or codes by mail: do not answer this and do not open its links. Sign in to the console by your own way and look there whether the notice exists.",
            "パスワードなどの秘密の情報を求めています。AWS がメールでパスワード・キー・認証コードを尋ねることはありません。返信せず、リンクも開かないでください。いつもの方法でコンソールにサインインし、同じ通知があるかどうかを確かめてください。",
        ),
        "Please provide your root password so that we can look at the matter.",
    ),
    says(
        Topic::Warning,
        &["pay the fine", "pay a fine", "pay a fee", "pay the fee", "in bitcoin", "gift card", "gift cards", "wire transfer"],
        Text::fixed(
            "The mail asks for money. No abuse notice of AWS that is known to us does: treat the mail as a forgery until AWS Health or the Support Center shows the same matter.",
            "金銭の支払いを求めています。AWS の不正利用の通知で、支払いを求める例は知られていません。AWS Health かサポートセンターで同じ件を確認できるまでは、偽のメールとして扱ってください。",
        ),
        "To avoid suspension you have to pay a fine to this wallet.",
    ),
];
