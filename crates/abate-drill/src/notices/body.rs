//! Builds the text of AWS's part: lines, what is asked and done in them, and the end that all families share.

use super::plan::Plan;
use super::report::Report;
use super::scene::Scene;
use super::text::{Line, LineKind, wrap_all};
use super::times::{Notation, show};
use super::truth::{Content, Due, Sighting};
use super::words::{self, Piece};
use crate::clock::{DAY, HOUR, Second};
use crate::rng::Rng;

/// A notice before it takes its way.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// the text
    pub(crate) lines: Vec<Line>,
    /// what is true of it
    pub(crate) content: Content,
    /// sender: display name and address
    pub(crate) from: (&'static str, &'static str),
    /// subject
    pub(crate) subject: String,
}

/// A text in the making.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) lines: Vec<Line>,
    pub(crate) asks: Vec<String>,
    pub(crate) mitigations: Vec<String>,
}

impl Body {
    fn push(&mut self, text: impl Into<String>, kind: LineKind) {
        self.lines.push(Line { text: text.into(), kind });
    }

    /// A sentence or more; nothing if it is empty.
    pub(crate) fn prose(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.push(text, LineKind::Prose);
        }
    }

    /// `Label: value`
    pub(crate) fn field(&mut self, text: impl Into<String>) {
        self.push(text, LineKind::Field);
    }

    /// A line of the reporter.
    pub(crate) fn log(&mut self, text: impl Into<String>) {
        self.push(text, LineKind::Log);
    }

    /// An empty line; never two of them.
    pub(crate) fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.push("", LineKind::Prose);
        }
    }

    /// A sentence that asks for something.
    pub(crate) fn ask(&mut self, piece: Piece) {
        self.prose(piece.text);
        self.asks.extend(piece.marks.iter().map(|&mark| mark.to_owned()));
    }

    /// One of several sentences that ask.
    pub(crate) fn ask_one(&mut self, pieces: &[Piece], rng: &mut Rng) {
        self.ask(rng.pick(pieces));
    }

    /// A measure that was taken.
    pub(crate) fn mitigate(&mut self, text: &str, mark: &str) {
        self.prose(text);
        if !self.mitigations.iter().any(|known| known == mark) {
            self.mitigations.push(mark.to_owned());
        }
    }

    /// The measures of the plan.
    pub(crate) fn mitigations(&mut self, plan: &Plan, rng: &mut Rng) {
        if plan.mitigations == 0 {
            return;
        }
        self.blank();
        self.prose(rng.pick(words::TAKEN));
        let bullet = rng.pick(&["", "- ", "* "]);
        let first = rng.range(0, 4);
        for n in 0..plan.mitigations {
            let at = usize::try_from(first).unwrap_or(0).saturating_add(n).checked_rem(words::MITIGATIONS.len()).unwrap_or(0);
            if let Some(Piece { text, marks: [mark, ..] }) = words::MITIGATIONS.get(at) {
                self.mitigate(&format!("{bullet}{text}"), mark);
            }
        }
        self.blank();
    }

    /// The deadline of the plan.
    pub(crate) fn deadline(&mut self, plan: &Plan, scene: &Scene, rng: &mut Rng) -> Due {
        let (words, due) = deadline(plan.deadline, scene.sent, rng);
        if !words.is_empty() {
            let sentence = rng.pick(&[
                "If we have not received your reply {}, we may act on the implicated resources.",
                "We expect your answer {}.",
                "Your response is due {}.",
            ]);
            self.prose(sentence.replace("{}", &words));
        }
        due
    }

    /// Advice, signature and the reporter's part.
    pub(crate) fn end(&mut self, report: &Report, rng: &mut Rng) {
        self.blank();
        self.prose(rng.pick(words::ADVICE));
        self.blank();
        for line in rng.pick(words::SIGNATURES) {
            self.prose(*line);
        }
        if !report.lines.is_empty() {
            self.blank();
            self.prose(rng.pick(words::DELIMITERS));
            self.blank();
            report.lines.iter().for_each(|line| self.log(line.clone()));
        }
    }

    /// Breaks the prose as the sender's program would, and hands over lines, what is asked and what was done.
    pub(crate) fn finish(self, rng: &mut Rng) -> (Vec<Line>, Vec<String>, Vec<String>) {
        let width = rng.pick(&[0, 0, 72, 76, 100]);
        let lines = if width == 0 { self.lines } else { wrap_all(&self.lines, width, true) };
        (lines, self.asks, self.mitigations)
    }
}

/// Words and meaning of a deadline.
fn deadline(kind: &str, sent: Second, rng: &mut Rng) -> (String, Due) {
    let midnight = sent - sent.rem_euclid(DAY);
    let day = midnight + DAY * rng.range(3, 8);
    let end = DAY - 1;
    match kind {
        "hours" => {
            let hours = rng.pick(&[24, 48, 12, 72]);
            (format!("within {hours} hours"), Due::Hours(hours))
        }
        "date" => {
            let form = rng.pick(&["by %Y-%m-%d", "by %B %-d, %Y", "no later than %-d %B %Y", "by %d %b %Y"]);
            (show(day, 0, form), Due::At(day + end))
        }
        "date-zone" => match rng.range(0, 4) {
            0 => (show(day + 17 * HOUR, 0, "by %Y-%m-%d %H:%M UTC"), Due::At(day + 17 * HOUR)),
            1 => (show(day + 9 * HOUR, 0, "by %d %b %Y %H:%M:%S GMT"), Due::At(day + 9 * HOUR)),
            2 => (show(day + 3 * HOUR, 0, "by %Y-%m-%dT%H:%M:%SZ"), Due::At(day + 3 * HOUR)),
            3 => (show(day, 0, "by %B %-d, %Y, 5:00 PM PST"), Due::At(day + 25 * HOUR)),
            _ => (show(day, 0, "by %Y-%m-%d 12:00 JST"), Due::At(day + 3 * HOUR)),
        },
        _ => (String::new(), Due::Unstated),
    }
}

/// An opaque case number.
pub(crate) fn case_number(rng: &mut Rng) -> String {
    format!("1{}{}", rng.chars(10, b"0123456789"), rng.pick(&["", "-1", "-2"]))
}

/// AWS's own time, in a field: no label of its own before a Unix time.
pub(crate) fn own_time(notation: Notation, at: Second) -> String {
    let written = notation.write(at);
    written.strip_prefix("timestamp: ").map_or(written.clone(), str::to_owned)
}

/// AWS's own time wins over the reporter's.
pub(crate) fn overrule(sighting: &mut Sighting, notation: Notation, first: Second, last: Second) {
    sighting.span = Some(notation.span(first, last));
    sighting.certainty = notation.certainty();
}

/// Truth that the families complete.
pub(crate) fn content(plan: &Plan, scene: &Scene, report: &Report) -> Content {
    Content {
        about: format!(
            "generated: {} of {}, {} x {}, report {:?}, times {:?} (zone note: {}), deadline {}, sender {}",
            plan.family, plan.category, plan.resource, plan.count, plan.format, plan.notation, plan.zone.name, plan.deadline, plan.sender
        ),
        family: plan.family,
        kind: plan.kind,
        category: plan.category,
        account: Some(scene.account.clone()),
        regions: scene.regions(),
        resources: scene.resources(),
        case_number: None,
        case_in_text: false,
        sightings: report.sightings.clone(),
        asks: Vec::new(),
        mitigations: Vec::new(),
        due: Due::Unstated,
        report_format: if report.format.is_empty() { "none" } else { report.format },
    }
}
