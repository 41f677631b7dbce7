//! Where each value of a notice came from: the words it was read from and the rule that read it, for `--why`.

use abate_model::Text;
use serde::Serialize;

use crate::text::names;

/// The origin of one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Why {
    /// the notice's field, as in its JSON (`account_id`, `reported[0].from`)
    pub field: String,
    /// the value, as text
    pub value: String,
    /// the words it was read from, as written; empty where nothing was said and a default holds
    pub said: String,
    /// the rule that read it
    pub rule: String,
}

impl Why {
    /// The rule in words for people.
    #[must_use]
    pub fn rule_text(&self) -> Text {
        const ZONE: &str = "; zone as written: ";
        let (rule, zone) = self.rule.split_once(ZONE).map_or((self.rule.as_str(), None), |(rule, zone)| (rule, Some(zone)));
        let known = RULES.iter().find(|(en, _)| *en == rule).map(|(_, ja)| *ja);
        let labelled = || rule.strip_prefix("label ").map(|label| format!("項目名 {label}"));
        let ja = known.map(str::to_owned).or_else(labelled).unwrap_or_else(|| rule.to_owned());
        match zone {
            None => Text::new(rule.to_owned(), ja),
            Some(zone) => Text::new(self.rule.clone(), format!("{ja}、タイムゾーンの表記: {zone}")),
        }
    }
}

/// Every rule in Japanese; a test holds the list to the rules that are in use.
const RULES: &[(&str, &str)] = &[
    ("the header or the event's field", "ヘッダー、またはイベントの項目"),
    ("a sentence, field or table cell that says so", "そのように述べる文・項目・表のセル"),
    ("a resource field, or an id recognised by its form", "リソースの項目、または形式から認識した ID"),
    ("the first layout whose marks hold", "特徴が一致した最初の様式"),
    ("sender, links and requests", "送信者・リンク・依頼内容"),
    ("nothing says that it follows another message", "先行するメールがあることを示す記載がない"),
    ("none is stated: 24 hours after the notice's date", "期限の記載なし: 通知の日時から 24 時間"),
    ("none is stated and the notice has no date: 24 hours after it was first seen", "期限も日時も記載なし: 最初に確認した時刻から 24 時間"),
    ("a Region field, an ARN or a host name beside a resource", "リージョンの項目、ARN、またはリソースのホスト名"),
    ("a number of AWS's form in the subject", "件名にある AWS の形式の番号"),
    ("a deciding phrase of AWS's", "AWS の決まった言い回し"),
    ("an account field or an ARN", "アカウントの項目、または ARN"),
    ("the reporter's part", "通報者の記載"),
    ("fields of the notice", "通知の項目"),
    ("a field that names the activity", "行為を示す項目"),
    ("a sentence that sets a time for an answer or an act", "回答や対応の期限を定める文"),
    ("key words of subject and text", "件名と本文のキーワード"),
    ("the subject", "件名"),
    ("nothing else is named: the account or Region as a whole", "ほかに記載なし: アカウントまたはリージョン全体"),
    ("words that only such a message has", "その種の通知にしかない言葉"),
    ("the event's code or type", "イベントのコードまたは種類"),
    ("a Region's code or name in the prose", "本文にあるリージョンのコードまたは名称"),
    ("a field of the event", "イベントの項目"),
    ("fields of the event", "イベントの項目"),
    ("an entity of the event or of the report", "イベントまたは通報の対象"),
    ("the event's Region", "イベントのリージョン"),
    ("a sentence that names the account", "アカウントを示す文"),
    ("a case field", "ケース番号の項目"),
    ("a third party's report", "第三者からの通報"),
    ("a deciding phrase in the subject", "件名にある決まった言い回し"),
    ("RE: in the subject of what does not begin like a first notice", "件名に RE: があり、最初の通知の書き出しではない"),
    ("it begins like a first notice", "最初の通知の書き出し"),
    ("a field of the message quoted below", "下に引用されたメールの項目"),
    ("a deciding phrase in the message quoted below", "下に引用されたメールの決まった言い回し"),
    ("it is the customer's own", "自社での発見"),
    ("an id in the subject's first bracket", "件名の最初の括弧内の ID"),
    ("the event is closed", "イベントが終了している"),
    ("the text as a whole names the account", "本文全体がアカウントを示す"),
    ("nothing says which kind of abuse it is", "不正利用の種類を示す記載がない"),
];

/// A value with its origin.
#[derive(Clone, Debug)]
pub(crate) struct Told<T> {
    pub value: T,
    pub said: String,
    pub rule: String,
}

impl<T> Told<T> {
    pub fn new(value: T, said: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { value, said: said.into(), rule: rule.into() }
    }
}

/// The origins that were noted while a notice was put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail(Vec<Why>);

/// Longer quotations are cut; the notice itself is at hand.
const MOST_SAID: usize = 400;

impl Trail {
    pub fn note(&mut self, field: impl Into<String>, value: impl Into<String>, said: &str, rule: impl Into<String>) {
        let value = value.into();
        // Of a whole block, the lines that hold the value are enough.
        let holding: Vec<&str> = said.lines().filter(|line| value.len() >= 3 && names(line, &value)).collect();
        let said = if holding.is_empty() { said.to_owned() } else { holding.join("\n") };
        let said = said.trim().chars().take(MOST_SAID).collect();
        self.0.push(Why { field: field.into(), value, said, rule: rule.into() });
    }

    /// Notes a value and gives it back.
    pub fn take<T: Clone>(&mut self, field: &str, shown: impl Fn(&T) -> String, told: Told<T>) -> T {
        self.note(field, shown(&told.value), &told.said, told.rule);
        told.value
    }

    pub fn done(self) -> Vec<Why> {
        self.0
    }
}
