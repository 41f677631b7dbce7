//! Abuse of an AI model: calls of the model by somebody who does not use it.

use abate_model::{Claim, Table, Text};

use super::{Corroboration, When, agree, nothing};

pub(super) static MODEL_ABUSE: Corroboration = Corroboration {
    claims: &[Claim::ModelAbuse],
    guardduty: &[],
    tables: &[Table::ApiActivity],
    expects: Text::fixed(
        "calls of Amazon Bedrock models by a principal that does not use them normally",
        "普段利用しないプリンシパルによる Amazon Bedrock のモデル呼び出し",
    ),
    agrees: agree::by_principal,
    look: nothing,
    scope: None,
    outward: false,
    when: When::AnyTime,
};
