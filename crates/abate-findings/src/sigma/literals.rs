//! Words that must stand in a record for a rule to match it.
//!
//! Nearly every rule for lines of logs and for requests looks for some words, and nearly no record has any of them. One pass over a record's
//! texts finds the words of all rules at once; only rules of which a word was found are tried, and a record without any is done.
//!
//! A rule from which no words follow (it asks for what is not there, for numbers, or for a pattern without a fixed part) is not filed here.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex_syntax::hir::{Class, Hir, HirKind};
use rsigma_eval::matcher::{CompiledMatcher, GroupMode};
use rsigma_eval::{CompiledDetection, CompiledDetectionItem, CompiledRule};
use rsigma_parser::{ConditionExpr, Quantifier};

use super::route::Route;

/// Words, in lower case, of which a record must hold one.
type Words = BTreeSet<String>;

/// Which parts of a kind of record are among the texts that are looked through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    /// fields that are not
    pub not: &'static [&'static str],
    /// whether one of these holds an address, which a rule for any field sees too
    pub address: bool,
}

/// Rules that look for words. See the module.
pub(super) struct Worded {
    texts: Texts,
    rules: Vec<(Route, CompiledRule)>,
    words: Vec<(String, usize)>,
    index: OnceLock<Option<AhoCorasick>>,
}

impl Worded {
    /// Without rules yet.
    pub fn new(texts: Texts) -> Self {
        Self { texts, rules: Vec::new(), words: Vec::new(), index: OnceLock::new() }
    }

    /// Files a rule; gives it back where no words follow from it.
    pub fn add(&mut self, route: &Route, rule: CompiledRule) -> Option<CompiledRule> {
        let Some(words) = required(&rule, self.texts) else { return Some(rule) };
        let number = self.rules.len();
        self.words.extend(words.into_iter().map(|word| (word, number)));
        self.rules.push((route.clone(), rule));
        self.index = OnceLock::new();
        None
    }

    /// Adds the numbers of the rules of which a text holds a word.
    pub fn see(&self, text: &str, found: &mut Vec<usize>) {
        if self.rules.is_empty() {
            return;
        }
        let index = self.index.get_or_init(|| {
            let words = self.words.iter().map(|(word, _)| word);
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(true).match_kind(MatchKind::Standard).kind(Some(AhoCorasickKind::DFA));
            builder.build(words.clone()).or_else(|_| builder.kind(None).build(words)).ok()
        });
        match index {
            // Letters of other scripts may be equal to ASCII ones in lower case: then the rules themselves are asked.
            Some(index) if text.is_ascii() => {
                // Whether there is any is found out faster than which.
                if !index.is_match(text) {
                    return;
                }
                let of = |found: aho_corasick::Match| self.words.get(found.pattern().as_usize()).map(|(_, rule)| *rule);
                found.extend(index.find_overlapping_iter(text).filter_map(of));
            }
            _ => found.extend(0..self.rules.len()),
        }
    }

    /// The rules that lie on one of the routes.
    pub fn on(&self, routes: &[Route]) -> impl Iterator<Item = &CompiledRule> {
        self.rules.iter().filter(|(route, _)| routes.contains(route)).map(|(_, rule)| rule)
    }

    /// The rules of these numbers that lie on one of the routes.
    pub fn rules<'w>(&'w self, mut found: Vec<usize>, routes: &[Route]) -> impl Iterator<Item = &'w CompiledRule> {
        found.sort_unstable();
        found.dedup();
        let rules = found.into_iter().filter_map(|n| self.rules.get(n));
        rules.filter(|(route, _)| routes.contains(route)).map(|(_, rule)| rule)
    }
}

/// The words of which one must be in a record that a rule matches; `None` where that does not follow.
fn required(rule: &CompiledRule, texts: Texts) -> Option<Words> {
    let words = either(rule.conditions.iter().map(|condition| of_condition(condition, rule, texts)))?;
    words.iter().all(|word| !word.is_empty()).then_some(words)
}

fn of_condition(condition: &ConditionExpr, rule: &CompiledRule, texts: Texts) -> Option<Words> {
    let of_name = |name: &String| rule.detections.get(name).and_then(|detection| of_detection(detection, texts));
    match condition {
        ConditionExpr::And(parts) => best(parts.iter().map(|part| of_condition(part, rule, texts))),
        ConditionExpr::Or(parts) => either(parts.iter().map(|part| of_condition(part, rule, texts))),
        ConditionExpr::Not(_) => None,
        ConditionExpr::Identifier(name) => of_name(name),
        ConditionExpr::Selector { quantifier, pattern } => {
            let meant = rule.detections.keys().filter(|name| pattern.matches_detection_name(name)).map(of_name);
            match quantifier {
                Quantifier::All => best(meant),
                Quantifier::Any | Quantifier::Count(1..) => either(meant),
                Quantifier::Count(0) => None,
            }
        }
    }
}

fn of_detection(detection: &CompiledDetection, texts: Texts) -> Option<Words> {
    match detection {
        CompiledDetection::AllOf(items) => best(items.iter().map(|item| of_item(item, texts))),
        CompiledDetection::And(parts) => best(parts.iter().map(|part| of_detection(part, texts))),
        CompiledDetection::AnyOf(parts) => either(parts.iter().map(|part| of_detection(part, texts))),
        CompiledDetection::Keywords(matcher) => of_any_field(matcher, texts),
        CompiledDetection::ArrayMatch { .. } | CompiledDetection::Conditional { .. } => None,
    }
}

fn of_item(item: &CompiledDetectionItem, texts: Texts) -> Option<Words> {
    match &item.field {
        None => of_any_field(&item.matcher, texts),
        Some(field) if texts.not.contains(&field.as_str()) => None,
        Some(_) => of_matcher(&item.matcher),
    }
}

/// A word that may be part of an address may stand in a field that is not looked through.
fn of_any_field(matcher: &CompiledMatcher, texts: Texts) -> Option<Words> {
    let of_address = |word: &String| word.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b':'));
    of_matcher(matcher).filter(|words| !(texts.address && words.iter().any(of_address)))
}

fn of_matcher(matcher: &CompiledMatcher) -> Option<Words> {
    let one = |word: &str| Some(Words::from([word.to_ascii_lowercase()]));
    let group = |children: &[CompiledMatcher], mode: GroupMode| match mode {
        GroupMode::Any => either(children.iter().map(of_matcher)),
        GroupMode::All => best(children.iter().map(of_matcher)),
    };
    let pattern = |text: &str| regex_syntax::parse(text).ok().and_then(|hir| of_pattern(&hir));
    match matcher {
        CompiledMatcher::Exact { value, .. }
        | CompiledMatcher::Contains { value, .. }
        | CompiledMatcher::StartsWith { value, .. }
        | CompiledMatcher::EndsWith { value, .. } => one(value),
        CompiledMatcher::AhoCorasickSet { needles, .. } => either(needles.iter().map(|needle| one(needle))),
        CompiledMatcher::Regex(regex) => pattern(regex.as_str()),
        CompiledMatcher::RegexSetMatch { set, mode: GroupMode::Any } => either(set.patterns().iter().map(|text| pattern(text))),
        CompiledMatcher::RegexSetMatch { set, mode: GroupMode::All } => best(set.patterns().iter().map(|text| pattern(text))),
        CompiledMatcher::AnyOf(children) => group(children, GroupMode::Any),
        CompiledMatcher::AllOf(children) => group(children, GroupMode::All),
        CompiledMatcher::CaseInsensitiveGroup { children, mode } => group(children, *mode),
        _ => None,
    }
}

/// The longest fixed part of a regular expression, or one of each of its branches.
fn of_pattern(hir: &Hir) -> Option<Words> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(|text| Words::from([text.to_ascii_lowercase()])),
        HirKind::Class(class) => letter(class).map(|letter| Words::from([letter.to_string()])),
        HirKind::Capture(capture) => of_pattern(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of_pattern(&repetition.sub),
        HirKind::Alternation(parts) => either(parts.iter().map(of_pattern)),
        HirKind::Concat(parts) => {
            let (mut found, mut run) = (Vec::new(), String::new());
            for part in parts {
                match part.kind() {
                    HirKind::Literal(literal) => run.push_str(std::str::from_utf8(&literal.0).ok()?),
                    HirKind::Class(class) if letter(class).is_some() => run.extend(letter(class)),
                    _ => {
                        found.push(std::mem::take(&mut run));
                        found.last_mut()?.make_ascii_lowercase();
                    }
                }
            }
            run.make_ascii_lowercase();
            found.push(run);
            let runs = found.into_iter().filter(|run| !run.is_empty()).map(|run| Some(Words::from([run])));
            best(runs.chain(parts.iter().filter(|part| !matches!(part.kind(), HirKind::Literal(_) | HirKind::Class(_))).map(of_pattern)))
        }
        _ => None,
    }
}

/// The one ASCII letter, in lower case, that a class stands for in whatever case. Letters of other scripts are of no interest: texts that hold
/// any are not looked through.
fn letter(class: &Class) -> Option<char> {
    let Class::Unicode(class) = class else { return None };
    let mut found = None;
    for range in class.iter() {
        if !range.start().is_ascii() {
            continue;
        }
        if !range.end().is_ascii() {
            return None;
        }
        for letter in (range.start()..=range.end()).map(|letter| letter.to_ascii_lowercase()) {
            if *found.get_or_insert(letter) != letter {
                return None;
            }
        }
    }
    found
}

/// The words of that part, of several that must all hold, which says most: whose shortest word is the longest.
fn best(parts: impl Iterator<Item = Option<Words>>) -> Option<Words> {
    parts.flatten().max_by_key(|words| words.iter().map(String::len).min())
}

/// The words of all of several parts, if each has some; of nothing nothing follows.
fn either(parts: impl Iterator<Item = Option<Words>>) -> Option<Words> {
    let parts: Option<Vec<Words>> = parts.collect();
    Some(parts.filter(|parts| !parts.is_empty())?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use abate_model::rows::{Authentication, HttpActivity, ProcessActivity, ProcessChange, TimedText};
    use abate_model::{Body, Locator, Row, ZoneCertainty};
    use rsigma_eval::{compile_rule, evaluate_rule};
    use rsigma_parser::parse_sigma_yaml;

    use super::super::request::RequestEvent;
    use super::super::{ProblemKind, RuleSet, event, load, route};
    use super::*;

    const TEXTS: Texts = Texts { not: &["number", "src_ip"], address: true };

    fn words(detection: &str) -> Option<Vec<String>> {
        let text = format!("title: T\nid: r\nlogsource:\n  product: linux\ndetection:\n{detection}");
        let mut rule = parse_sigma_yaml(&text).unwrap().rules.remove(0);
        rule.detection.named = rule.detection.named.into_iter().map(|(name, of)| (name, load::spread_words(of))).collect();
        required(&compile_rule(&rule).unwrap(), TEXTS).map(|words| words.into_iter().collect())
    }

    #[test]
    fn the_words_of_a_rule_follow_from_its_condition() {
        let some = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words("  k:\n    - Alpha\n    - beta\n  condition: k"), some(&["alpha", "beta"]));
        assert_eq!(words("  k:\n    '|all':\n      - no\n      - longer\n  condition: k"), some(&["longer"]));
        assert_eq!(words("  s:\n    f|contains:\n      - ab\n      - cd\n    g: longest\n  condition: s"), some(&["longest"]));
        assert_eq!(words("  s:\n    f|contains|all: [ab, cde]\n  condition: s"), some(&["cde"]));
        assert_eq!(words("  s:\n    f: 'x*Needle?y'\n  condition: s"), some(&["needle"]));
        assert_eq!(words("  s:\n    f|re: 'a(bc|de)+f[0-9]ghi?'\n  condition: s"), some(&["bc", "de"]));
        assert_eq!(words("  s:\n    f: x\n  t:\n    g: yy\n  condition: s or t"), some(&["x", "yy"]));
        assert_eq!(words("  s:\n    f: x\n  t:\n    g: yy\n  condition: s and not t"), some(&["x"]));
        assert_eq!(words("  s1:\n    f: x\n  s2:\n    g: yy\n  condition: 1 of s*"), some(&["x", "yy"]));
        assert_eq!(words("  s1:\n    f: x\n  s2:\n    g: yy\n  condition: all of s*"), some(&["yy"]));
        for nothing in [
            "  s:\n    f: x\n  condition: not s",
            "  s:\n    f: ''\n  condition: s",
            "  s:\n    f: '*'\n  condition: s",
            "  s:\n    f|re: '[a-c]*'\n  condition: s",
            "  s:\n    number: 200\n  condition: s",
            "  s:\n    number: '200'\n  condition: s",
            "  s:\n    f|exists: true\n  condition: s",
            "  s:\n    f: null\n  condition: s",
            "  s:\n    f: x\n  t:\n    number: 3\n  condition: s or t",
            "  k:\n    - '203.0.113.9'\n  condition: k",
            "  s:\n    src_ip: '203.0.113.9'\n  condition: s",
        ] {
            assert_eq!(words(nothing), None, "{nothing}");
        }
    }

    fn row(body: Body<'static>) -> Row<'static> {
        Row { at: None, zone: ZoneCertainty::Stated, source: 0, locator: Locator::Record { n: 0 }, body }
    }

    /// Rows of several kinds that hold a text.
    fn rows(text: &str) -> Vec<Row<'static>> {
        let owned = || text.to_owned().into();
        let source = "203.0.113.9".parse().ok();
        let http = HttpActivity { client: "203.0.113.9".into(), method: "GET".into(), status: Some(200), ..HttpActivity::default() };
        vec![
            row(Body::Auth(Box::new(Authentication { service: "sshd".into(), source, message: owned(), ..Authentication::default() }))),
            row(Body::Text(TimedText { program: Some("vsftpd".into()), message: owned(), ..TimedText::default() })),
            row(Body::Text(TimedText { program: Some(owned()), message: "x".into(), ..TimedText::default() })),
            row(Body::Process(Box::new(ProcessActivity {
                command: owned(),
                name: Some("bash".into()),
                program: Some("audit".into()),
                change: ProcessChange::Launch,
                ..ProcessActivity::default()
            }))),
            row(Body::Http(Box::new(HttpActivity { target: owned(), ..http.clone() }))),
            row(Body::Http(Box::new(HttpActivity { user_agent: Some(owned()), target: "/%2e".into(), ..http }))),
        ]
    }

    /// Both ways to try rules say the same of texts; how many matches there were.
    fn agree(set: &RuleSet, texts: impl Iterator<Item = String>) -> usize {
        let compiled: Vec<(&str, &Route, CompiledRule)> =
            set.loaded.iter().map(|(id, loaded)| (id.as_str(), &loaded.route, compile_rule(&loaded.rule).unwrap())).collect();
        let mut hits = 0;
        for text in texts {
            for row in rows(&text) {
                let routes = route::of_row(&row);
                let matches = |rule: &CompiledRule| match &row.body {
                    Body::Http(http) => evaluate_rule(rule, &RequestEvent::new(http)).is_some(),
                    _ => evaluate_rule(rule, &event::line(&row, b"").unwrap()).is_some(),
                };
                let tried = compiled.iter().filter(|(_, route, rule)| routes.contains(route) && matches(rule)).map(|(id, ..)| *id);
                let found = set.eval(&row, b"");
                let ids: Vec<&str> = found.iter().map(|hit| hit.rule.id.as_str()).collect();
                assert_eq!(ids, tried.collect::<Vec<_>>(), "{text:?} in {row:?}");
                hits += ids.len();
            }
        }
        hits
    }

    #[test]
    fn rules_match_as_when_all_are_tried() {
        let detections = [
            "  k:\n    - 'Ökonom'\n    - kelvin\n  condition: k",
            "  k:\n    - 'wild*Card?s'\n  condition: k",
            "  s:\n    message|re: '(?i)user (root|admin) .*from'\n  condition: s",
            "  s:\n    message|contains: ' x '\n    program: SSHD\n  condition: s",
            "  s:\n    src_ip: '203.0.113.9'\n  condition: s",
            "  k:\n    - '203.0.113.9'\n  condition: k",
            "  s:\n    user: null\n  t:\n    message|endswith: end\n  condition: s and t",
            "  s:\n    cs-uri-query|contains: '../'\n    sc-status: 200\n  condition: s",
            "  s:\n    cs-user-agent|startswith: curl\n  condition: s",
            "  s:\n    Image|endswith: /bash\n    CommandLine|contains: curl\n  condition: s",
        ];
        let sources =
            ["product: linux", "product: linux\n  service: sshd", "category: webserver", "category: process_creation\n  product: linux"];
        let mut files = Vec::new();
        for (n, detection) in detections.iter().enumerate() {
            for (m, source) in sources.iter().enumerate() {
                let yaml = format!("title: T\nid: r{n}-{m}\nlogsource:\n  {source}\ndetection:\n{detection}\n");
                files.push((format!("{n}-{m}.yml"), yaml));
            }
        }
        let (set, problems) = RuleSet::load(files.into_iter());
        // A rule for fields that no record of its kind has is not loaded at all.
        assert!(problems.iter().all(|problem| problem.kind == ProblemKind::Field), "{problems:?}");
        let texts = [
            "ökonom",
            "ÖKONOM",
            "\u{212a}elvin",
            "KELVIN",
            "a WILD wolf, a card1s",
            "User ADMIN logged in from",
            "an x y",
            "the END",
            "/a/../../etc",
            "/a/%2e%2e/%2E%2E/etc",
            "curl/8",
            "CURL http://203.0.113.9",
            "",
            "é",
        ];
        assert!(agree(&set, texts.iter().map(|text| (*text).to_owned())) > 0);
    }

    /// The community's rules, on texts made of the words that they look for.
    #[test]
    fn the_communitys_rules_match_as_when_all_are_tried() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/rules/sigma/rules");
        let (mut files, mut folders) = (Vec::new(), vec![root.join("web"), root.join("linux")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => files.extend(std::fs::read_to_string(&path).ok().map(|yaml| (path.display().to_string(), yaml))),
                }
            }
        }
        let (set, _) = RuleSet::load(files.into_iter());
        let words = |rules: &Worded| rules.words.iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
        let mut all: Vec<String> = words(set.pools.lines()).into_iter().chain(words(set.pools.requests())).collect();
        all.sort();
        all.dedup();
        if all.is_empty() {
            return;
        }
        assert!(set.pools.wordless_lines() * 10 < set.len(), "{} of {}", set.pools.wordless_lines(), set.len());
        let texts = all.chunks(7).flat_map(|words| [words.join(" "), words.concat(), words.first().cloned().unwrap_or_default()]);
        assert!(agree(&set, texts) > 100);
    }
}
