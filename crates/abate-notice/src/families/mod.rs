//! AWS's layouts, one file each: by which marks one is recognised and which labels it brought. The order decides: the first
//! layout whose marks hold is the notice's. A new layout is a new file with its examples, and its line in [`all`].
//!
//! Absent on purpose: reading of values. Fields, tables and sentences are read the same way in all layouts, so that a new
//! layout made of known parts is read before anyone has written its file.

use abate_model::{Category, Channel, Family, NoticeKind};

use crate::fields::{Field, Label};

mod compromised_credentials;
mod dos_detected;
mod follow_up;
mod health_event;
mod instance_list;
mod labelled_fields;
mod malware_details;
mod model_abuse;
mod own_finding;
mod resource_line;
mod ses_enforcement;
mod third_party_report;

/// A layout.
pub(crate) struct Layout {
    /// its name
    pub family: Family,
    /// any of these, each a set of marks that must all hold
    pub when: &'static [&'static [Mark]],
    /// labels that it brought
    pub labels: &'static [Label],
    /// notices in it, for the tests and the manual
    pub examples: &'static [&'static str],
}

/// Something by which a layout is told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mark {
    /// words in AWS's part, in the form that `text::normal` gives
    Says(&'static str),
    /// words in the subject
    Subject(&'static str),
    /// a field with this label
    Labelled(&'static str),
    /// account and resource as fields of one line
    ClassicLine,
    /// a row of the table of blocked traffic
    ActionTable,
    /// the way it came
    Came(Channel),
    /// its place in the correspondence
    Stands(NoticeKind),
    /// its first category
    About(Category),
    /// a mail that is not from AWS, and in no layout of AWS's
    NotFromAws,
}

/// All layouts; where two fit, the earlier one counts.
pub(crate) const fn all() -> &'static [Layout] {
    &[
        own_finding::LAYOUT,
        health_event::LAYOUT,
        third_party_report::LAYOUT,
        ses_enforcement::LAYOUT,
        model_abuse::LAYOUT,
        compromised_credentials::LAYOUT,
        dos_detected::LAYOUT,
        malware_details::LAYOUT,
        instance_list::LAYOUT,
        labelled_fields::LAYOUT,
        resource_line::LAYOUT,
        follow_up::LAYOUT,
    ]
}

/// What layouts are told by.
pub(crate) struct Seen<'a> {
    pub channel: Channel,
    /// AWS's part, normalised
    pub plain: &'a str,
    /// the subject, normalised
    pub subject: &'a str,
    pub fields: &'a [Field],
    pub action_table: bool,
    pub kind: NoticeKind,
    pub category: Category,
    pub not_from_aws: bool,
}

impl Seen<'_> {
    fn has(&self, mark: Mark) -> bool {
        match mark {
            Mark::Says(words) => self.plain.contains(words),
            Mark::Subject(words) => self.subject.contains(words),
            Mark::Labelled(label) => self.fields.iter().any(|f| f.label == label),
            Mark::ClassicLine => self.classic_line(),
            Mark::ActionTable => self.action_table,
            Mark::Came(channel) => self.channel == channel,
            Mark::Stands(kind) => self.kind == kind,
            Mark::About(category) => self.category == category,
            Mark::NotFromAws => self.not_from_aws,
        }
    }

    fn classic_line(&self) -> bool {
        use crate::fields::Key::{Account, Resource};
        let accounts = self.fields.iter().filter(|f| f.key == Account);
        accounts.clone().any(|a| self.fields.iter().any(|f| f.line == a.line && matches!(f.key, Resource(_))))
    }
}

/// The layout that a notice follows.
pub(crate) fn of(seen: &Seen<'_>) -> Family {
    all()
        .iter()
        .find(|layout| layout.when.iter().any(|set| set.iter().all(|mark| seen.has(*mark))))
        .map_or(Family::Unrecognised, |layout| layout.family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadContext, read};

    #[test]
    fn examples_are_told() {
        for layout in all() {
            for example in layout.examples {
                let notice = read(example.as_bytes(), &ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }).unwrap();
                assert_eq!(notice.family, layout.family, "{example}");
            }
        }
    }

    #[test]
    fn words_are_in_the_compared_form() {
        for mark in all().iter().flat_map(|l| l.when.iter().copied().flatten()) {
            if let Mark::Says(words) | Mark::Subject(words) = mark {
                assert_eq!(crate::text::normal(words), *words);
            }
        }
    }

    #[test]
    fn every_family_but_the_unrecognised_has_one_file() {
        let names: std::collections::BTreeSet<_> = all().iter().map(|l| l.family).collect();
        assert_eq!(names.len(), all().len());
        assert!(!names.contains(&Family::Unrecognised));
    }
}
