//! `report.html`: one file, no network, no script; both languages, light and dark, printable.

use abate_model::time::{local, utc};
use abate_model::{Case, Cite, Lang, LossKind, Text, Verdict};
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};

use crate::AppError;
use crate::briefing::{briefing, loss_word, verdict_word};

/// The report. All values are escaped by the template engine; the template holds no script and forbids all loading.
pub(super) fn html(case: &Case, lang: Lang, zone: &str) -> Result<String, AppError> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_function("place", |cite: Value| {
        serde_json::to_value(&cite)
            .ok()
            .and_then(|v| serde_json::from_value::<Cite>(v).ok())
            .map(|c| c.locator.to_string())
            .unwrap_or_default()
    });
    env.add_filter("utc", |at: String| at.parse::<Timestamp>().map(utc).unwrap_or(at));
    let zone_name = zone.to_owned();
    env.add_filter("local", move |at: String| at.parse::<Timestamp>().map(|t| local(t, &zone_name)).unwrap_or(at));
    env.add_filter("loss_word", |kind: Serde<LossKind>| value(loss_word(*kind)));
    env.add_filter("verdict_word", |kind: Serde<Verdict>| value(verdict_word(*kind)));
    let page = briefing(case, case.assessed_at, zone);
    let context = context! {
        case => value(case),
        category => value(case.notice.category.title()),
        causes => case.causes.iter().map(|c| context! { title => value(c.kind.title()), it => value(c), percent => (c.confidence * 100.0).round() as i64 }).collect::<Vec<_>>(),
        phases => phases(case),
        reported => texts(&page.reported),
        deadline => value(&page.deadline),
        overdue => page.overdue,
        first => texts(&page.first),
        sender => value(&page.sender),
        cause => value(&page.cause),
        cause_for => value(&page.cause_for),
        cause_against => value(&page.cause_against),
        next => texts(&page.next),
        letter_en => case.letter.body(Lang::En),
        letter_ja => case.letter.body(Lang::Ja),
        ja_first => lang == Lang::Ja,
        lost => case.lost(),
        gone => value(Text::fixed("gone: its rows stand as they were read", "現在は存在しません（読み取った内容を維持）")),
    };
    env.add_template("report", include_str!("../../templates/report.html")).map_err(as_json_error)?;
    env.get_template("report").and_then(|t| t.render(context)).map_err(as_json_error)
}

/// A serialisable value, for the template.
fn value<T: serde::Serialize>(of: T) -> Value {
    Value::from(Serde(of))
}

fn texts(list: &[Text]) -> Vec<Value> {
    list.iter().map(value).collect()
}

fn phases(case: &Case) -> Vec<Value> {
    use abate_model::Phase::{Contain, Eradicate, Prevent, Recover};
    [Contain, Eradicate, Recover, Prevent]
        .into_iter()
        .map(|phase| {
            let steps: Vec<Value> = case.plan.steps.iter().filter(|s| s.phase == phase).map(value).collect();
            context! { title => value(phase.title()), steps => steps }
        })
        .collect()
}

fn as_json_error(error: minijinja::Error) -> AppError {
    AppError::Json(serde::ser::Error::custom(format!("report template: {error:#}")))
}
