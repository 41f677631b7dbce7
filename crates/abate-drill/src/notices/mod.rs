//! Abuse notices with known truth, by the hundred, and what mail programs, ticket systems and people do to them.
//!
//! For testing a reader: every family, category, channel, charset, reporter's form, notation of time, kind of resource and
//! deadline comes up, and pairs of them as evenly as possible ([`specimens`]); [`mutate`] then damages a notice and adjusts
//! the truth where it really changes. It shares no code with the reader and writes no files.

mod body;
mod channel;
mod cover;
mod draft;
mod families;
mod families_account;
mod health;
mod html;
mod labels;
mod mime;
mod mutate;
mod outer;
mod plan;
mod render;
mod report;
mod report_logs;
mod scene;
mod text;
mod times;
mod truth;
pub(crate) mod words;

pub use mutate::{Mutation, mutate};

use serde_json::Value;

use self::cover::Named;
use self::draft::Draft;
use self::plan::Plan;
use self::scene::Scene;
use crate::rng::Rng;

/// What a reader must get right in any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Essential {
    /// category
    pub category: Option<String>,
    /// account, as written
    pub account: Option<String>,
    /// ids of the resources, in order
    pub resources: Vec<String>,
    /// addresses written beside them, in order
    pub addresses: Vec<String>,
    /// from and to of every reported activity, in order
    pub times: Vec<(Option<String>, Option<String>)>,
    /// until when an answer is due
    pub deadline: Option<String>,
}

impl Essential {
    /// The essential part of an expectation, or of a reader's answer in the same form.
    #[must_use]
    pub fn of(expected: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let list = |key: &str| expected.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let addresses = |thing: &Value| thing.get("addresses").and_then(Value::as_array).cloned().unwrap_or_default();
        Self {
            category: text(expected.get("category")),
            account: text(expected.get("account_id")),
            resources: list("resources").iter().filter_map(|thing| text(thing.get("id"))).collect(),
            addresses: list("resources").iter().flat_map(addresses).filter_map(|address| text(Some(&address))).collect(),
            times: list("reported").iter().map(|entry| (text(entry.get("from")), text(entry.get("to")))).collect(),
            deadline: text(expected.pointer("/deadline/at")),
        }
    }
}

/// A notice and its truth.
#[derive(Clone, Debug)]
pub struct Specimen {
    /// unique within a seed; says family, category, channel and mutations
    pub name: String,
    /// the file
    pub bytes: Vec<u8>,
    /// `eml`, `txt`, `json`
    pub extension: &'static str,
    /// the expectation, as the corpus writes it
    pub expected: Value,
    /// the part of it that must never be wrong
    pub essential: Essential,
    draft: Draft,
}

impl Specimen {
    fn new(name: String, draft: Draft) -> Self {
        let expected = draft.expected();
        let essential = Essential::of(&expected);
        Self { name, bytes: draft.bytes(), extension: draft.channel.extension(), expected, essential, draft }
    }

    /// The channel's name.
    #[must_use]
    pub fn channel(&self) -> &'static str {
        self.draft.channel.name()
    }

    /// The notice's lines as a reader sees them, without transport, markup and words around it.
    #[must_use]
    pub fn lines(&self) -> Vec<&str> {
        self.draft.lines.iter().map(|line| line.text.as_str()).collect()
    }
}

/// Makes `count` notices. The same seed and count give the same bytes; a larger count only adds to them.
#[must_use]
pub fn specimens(seed: u64, count: usize) -> Vec<Specimen> {
    plan::plans(seed, count).iter().enumerate().map(|(n, plan)| specimen(seed, n, plan)).collect()
}

fn specimen(seed: u64, n: usize, plan: &Plan) -> Specimen {
    let mut rng = Rng::stream(seed, &format!("notices/{n}"));
    let mut scene = Scene::new(plan, &mut rng);
    if plan.family == "health-event" {
        health::settle(plan, &mut scene);
    }
    let report = report::write(plan, &scene, &mut rng);
    let mut frame = None;
    let notice = match plan.family {
        "instance-list" => families::instance_list(plan, &scene, &report, &mut rng),
        "malware-details" => families::malware_details(plan, &scene, report, &mut rng),
        "dos-detected" => families::dos_detected(plan, &scene, report, &mut rng),
        "labelled-fields" => families::labelled_fields(plan, &scene, report, &mut rng),
        "follow-up" => families_account::follow_up(plan, &scene, report, &mut rng),
        "compromised-credentials" => families_account::compromised(plan, &scene, &mut rng),
        "model-abuse" => families_account::model_abuse(plan, &scene, &mut rng),
        "ses-enforcement" => families_account::ses(plan, &scene, &mut rng),
        "health-event" => {
            let (notice, event) = health::notice(plan, &scene, report, &mut rng);
            frame = Some(event);
            notice
        }
        _ => families::resource_line_notice(plan, &scene, report, &mut rng),
    };
    let draft = Draft::new(plan, notice, scene.sent, frame, &mut rng);
    Specimen::new(format!("{n:04}-{}-{}-{}", plan.family, plan.category, plan.channel.name()), draft)
}
