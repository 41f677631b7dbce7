//! Use of an AI model against the rules of AWS or of the model's maker.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::ModelAbuse,
    phrases: &[
        "third-party model abuse",
        "third party model abuse",
        "usage policy of the model provider",
        "violates the model provider's",
        "violation of the model provider's",
        "access to the model has been revoked",
        "model access has been revoked",
    ],
    codes: &["MODEL_ABUSE", "BEDROCK"],
    short_names: &["model abuse", "model misuse"],
    keywords: &["amazon bedrock", "bedrock", "foundation model", "model provider", "生成ai"],
    examples: &["We detected use which violates the model provider\u{2019}s terms."],
};
