//! Notices about AI models on Amazon Bedrock. Known only from one customer's test data; the wording may differ.

use abate_model::Text;

use super::{By, Phrase, formed, says};
use crate::explain::Topic;

/// The phrases, in order.
pub(super) const PHRASES: &[Phrase] = &[
    formed(
        By::Deed,
        Topic::Mitigation,
        &[
            "model access revoked",
            "model access has been revoked",
            "access to the model has been revoked",
            "revoked access to the model",
            "revoked your access to",
        ],
        Text::fixed(
            "Your account may no longer use the AI model. Programs that call it get errors until access is given back.",
            "このアカウントでは、その AI モデルを使えなくなっています。アクセスが戻るまで、モデルを呼び出す処理はエラーになります。",
        ),
        "Model access revoked",
    ),
    says(
        Topic::Request,
        &["appeal to", "appeal this decision", "submit an appeal", "appeals"],
        Text::fixed(
            "An objection goes to the maker of the model, not to AWS. Tell AWS all the same what you found.",
            "異議の申し立て先は AWS ではなく、モデルの提供元です。調べた結果は AWS にも伝えてください。",
        ),
        "You can submit an appeal with the provider.",
    ),
    says(
        Topic::Accusation,
        &[
            "violates the model provider's",
            "violation of the model provider's",
            "model provider's policy",
            "model provider's usage policy",
            "usage policy of the model provider",
            "third-party model abuse",
            "third party model abuse",
        ],
        Text::fixed(
            "An AI model on Amazon Bedrock was used from your account in a way that its maker forbids. Either one of your own applications did that, or someone uses your account with a stolen key.",
            "お使いのアカウントから、Amazon Bedrock の AI モデルが、提供元の禁じる方法で使われた、という内容です。自社のアプリケーションによるものか、盗まれたキーで第三者が使っているかのどちらかです。",
        ),
        "We saw use that violates the model provider's policy.",
    ),
];
