//! An infected host that obeys someone else. It wins over `malware`, which is about offering malware to others.

use abate_model::Category;

use super::Words;

/// The words of this category.
pub(super) const WORDS: Words = Words {
    category: Category::Botnet,
    phrases: &[
        "may be part of a botnet",
        "infected with malware",
        "part of a botnet",
        "participating in a botnet",
        "resembles botnet activity",
        "communicating with a command and control",
    ],
    codes: &["BOTNET", "IOC_DETECTED"],
    short_names: &["botnet", "bot", "infected host", "malware infection", "bot infection", "c2 communication", "command and control"],
    keywords: &[
        "botnet",
        "command and control",
        "c&c",
        "c2 server",
        "infected with",
        "trojan",
        "drone",
        "infected host",
        "sinkhole",
        "backdoor",
        "ボットネット",
        "マルウェア感染",
        "マルウェアに感染",
        "c2サーバ",
        "c2通信",
    ],
    examples: &[
        "Your instance has been implicated in activity that indicates that it may be infected with malware\nand may be part of a botnet.",
        "We have received a report that one or more of your instances may be infected with malware.",
    ],
};
