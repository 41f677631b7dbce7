//! Mining at the account's expense.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::CryptoMining,
    phrases: &["resembles cryptocurrency mining", "implicated in cryptocurrency mining", "unauthorized cryptocurrency mining"],
    codes: &["CRYPTO_MINING", "CRYPTOMINING", "CRYPTOCURRENCY", "BITCOIN"],
    short_names: &["cryptocurrency mining", "crypto mining", "cryptomining", "bitcoin mining", "mining"],
    keywords: &[
        "cryptocurrency",
        "cryptomining",
        "crypto mining",
        "cryptojacking",
        "xmrig",
        "monero",
        "mining pool",
        "stratum+tcp",
        "マイニング",
        "暗号資産",
        "仮想通貨",
    ],
    examples: &["has been implicated in activity which resembles cryptocurrency mining."],
};
