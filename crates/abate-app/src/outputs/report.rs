//! `report.html`: one file, no network, no script; both languages, light and dark, printable.

use abate_model::time::{local, utc};
use abate_model::{Case, Cite, Lang, Text};
use jiff::Timestamp;
use minijinja::{Environment, Value, context};

use super::timeline::place;
use crate::AppError;
use crate::briefing::{briefing, loss_word, verdict_word};

/// The report. All values are escaped by the template engine; the template holds no script and forbids all loading.
pub(super) fn html(case: &Case, lang: Lang, zone: &str) -> Result<String, AppError> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_function("place", |cite: Value| serde_json::to_value(&cite).ok().and_then(|v| serde_json::from_value::<Cite>(v).ok()).map(|c| place(&c)).unwrap_or_default());
    env.add_filter("utc", |at: String| at.parse::<Timestamp>().map(utc).unwrap_or(at));
    let zone_name = zone.to_owned();
    env.add_filter("local", move |at: String| at.parse::<Timestamp>().map(|t| local(t, &zone_name)).unwrap_or(at));
    env.add_filter("loss_word", |kind: Value| named(&kind).map(loss_word).map(Value::from_serialize).unwrap_or(kind));
    env.add_filter("verdict_word", |kind: Value| named(&kind).map(verdict_word).map(Value::from_serialize).unwrap_or(kind));
    let page = briefing(case, case.assessed_at, zone);
    let context = context! {
        case => Value::from_serialize(case),
        category => Value::from_serialize(case.notice.category.title()),
        causes => case.causes.iter().map(|c| context! { title => Value::from_serialize(c.kind.title()), it => Value::from_serialize(c), percent => (c.confidence * 100.0).round() as i64 }).collect::<Vec<_>>(),
        phases => phases(case),
        reported => texts(&page.reported),
        deadline => Value::from_serialize(&page.deadline),
        overdue => page.overdue,
        first => texts(&page.first),
        sender => Value::from_serialize(&page.sender),
        cause => Value::from_serialize(&page.cause),
        cause_for => Value::from_serialize(&page.cause_for),
        cause_against => Value::from_serialize(&page.cause_against),
        next => texts(&page.next),
        letter_en => case.letter.body(Lang::En),
        letter_ja => case.letter.body(Lang::Ja),
        ja_first => lang == Lang::Ja,
        lost => case.lost(),
    };
    env.add_template("report", include_str!("../../templates/report.html")).map_err(as_json_error)?;
    env.get_template("report").and_then(|t| t.render(context)).map_err(as_json_error)
}

fn named<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(value.as_str()?.to_owned())).ok()
}

fn texts(list: &[Text]) -> Vec<Value> {
    list.iter().map(Value::from_serialize).collect()
}

fn phases(case: &Case) -> Vec<Value> {
    use abate_model::Phase::{Contain, Eradicate, Prevent, Recover};
    [Contain, Eradicate, Recover, Prevent]
        .into_iter()
        .map(|phase| {
            let steps: Vec<Value> = case.plan.steps.iter().filter(|s| s.phase == phase).map(Value::from_serialize).collect();
            context! { title => Value::from_serialize(phase.title()), steps => steps }
        })
        .collect()
}

fn as_json_error(error: minijinja::Error) -> AppError {
    AppError::Json(serde::ser::Error::custom(format!("report template: {error:#}")))
}
