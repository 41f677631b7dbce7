//! Which of the loaded rules are wanted.

use std::collections::BTreeSet;

use abate_model::Severity;

use super::RuleEntry;

/// What a rule must have to be used; what is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// the lowest level
    pub level: Option<Severity>,
    /// one of these statuses: `stable`, `test`, `experimental`, `deprecated`, `unsupported`; a rule that says none has none
    pub statuses: Vec<String>,
    /// one of these ids
    pub ids: Vec<String>,
    /// one of these tags, or one below it: `attack.t1078` takes `attack.t1078.004`
    pub tags: Vec<String>,
    /// words in the author's name
    pub authors: Vec<String>,
    /// ids of rules that are not wanted
    pub ignored: BTreeSet<String>,
}

impl Selection {
    /// Whether everything is wanted.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Adds the ids of an ignore list: one on each line, in front of a blank, a comma or `#`; what is no id is told by its line.
    ///
    /// # Errors
    /// The first line (from 1) that begins with something else, with what stands there.
    pub fn ignore(&mut self, list: &str) -> Result<(), (usize, String)> {
        for (line, n) in list.lines().zip(1..) {
            let word = line.trim_start_matches('\u{feff}').split(['#', ',', ' ', '\t']).next().unwrap_or_default().trim();
            if word.is_empty() {
                continue;
            }
            if !word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
                return Err((n, word.chars().take(80).collect()));
            }
            self.ignored.insert(word.to_ascii_lowercase());
        }
        Ok(())
    }

    /// Whether a rule is wanted.
    #[must_use]
    pub fn takes(&self, rule: &RuleEntry) -> bool {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let below = |tag: &str, wanted: &str| {
            let front = tag.get(..wanted.len()).is_some_and(|front| same(front, wanted));
            front && tag.get(wanted.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let status = || rule.status.as_deref().is_some_and(|status| self.statuses.iter().any(|wanted| same(wanted, status)));
        let author = rule.info.author.as_deref().unwrap_or_default().to_lowercase();
        self.level.is_none_or(|level| rule.info.level >= level)
            && (self.statuses.is_empty() || status())
            && (self.ids.is_empty() || self.ids.iter().any(|id| same(id, &rule.info.id)))
            && (self.tags.is_empty() || self.tags.iter().any(|wanted| rule.info.tags.iter().any(|tag| below(tag, wanted))))
            && (self.authors.is_empty() || self.authors.iter().any(|name| author.contains(&name.to_lowercase())))
            && !self.ignored.contains(&rule.info.id.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use abate_model::RuleInfo;

    use super::*;

    fn rule() -> RuleEntry {
        let tags = vec!["attack.t1078.004".to_owned()];
        let info = RuleInfo { id: "AB-1".into(), title: "T".into(), author: Some("Jane Doe".into()), level: Severity::Medium, tags };
        RuleEntry { info, status: Some("test".into()), ..RuleEntry::default() }
    }

    #[test]
    fn each_wish_must_be_met() {
        let taken = |change: fn(&mut Selection)| {
            let mut selection = Selection::default();
            change(&mut selection);
            selection.takes(&rule())
        };
        assert!(Selection::default().is_everything() && Selection::default().takes(&rule()));
        assert!(taken(|s| s.level = Some(Severity::Medium)) && !taken(|s| s.level = Some(Severity::High)));
        assert!(taken(|s| s.statuses = vec!["stable".into(), "Test".into()]) && !taken(|s| s.statuses = vec!["stable".into()]));
        assert!(taken(|s| s.ids = vec!["ab-1".into()]) && !taken(|s| s.ids = vec!["ab-12".into()]));
        assert!(taken(|s| s.tags = vec!["attack.T1078".into()]) && !taken(|s| s.tags = vec!["attack.t107".into()]));
        assert!(taken(|s| s.authors = vec!["doe".into()]) && !taken(|s| s.authors = vec!["smith".into()]));
    }

    #[test]
    fn an_ignore_list_has_an_id_on_each_line() {
        let mut selection = Selection::default();
        selection.ignore("# noisy here\n\nab-1 # our scanner\r\ncd-2,whatever\n").unwrap();
        assert_eq!(selection.ignored.iter().map(String::as_str).collect::<Vec<_>>(), ["ab-1", "cd-2"]);
        assert!(!selection.takes(&rule()));
        assert_eq!(selection.ignore("ab-3\n<html>\n"), Err((2, "<html>".to_owned())));
    }
}
