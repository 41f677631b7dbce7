//! Calls that matter by their names: a table of them, what they were done to, and how new that is for whoever did it.

use abate_model::Severity;
use abate_model::rows::ApiActivity;

use super::group::{Act, Group};
use super::history::{History, Novelty};
use super::{clip, lower, request, service, text_at};

/// A call that matters whatever its parameters: service, name, how grave it is.
pub(in super::super) type Listed = (&'static str, &'static str, Severity);

/// The act that a call is, if a table has it; its target is the first of some parameters that is there.
pub(in super::super) fn act(api: &ApiActivity<'_>, kind: &'static str, table: &[Listed], pointers: &[&str]) -> Option<Act> {
    let (_, name, severity) = table.iter().find(|(of, name, _)| is_call(&api.event_name, name) && service(api) == *of)?;
    let asked = request(api);
    let target = pointers.iter().find_map(|pointer| text_at(&asked, pointer));
    Some(Act::new(kind, *severity).on(Some(target.map_or_else(|| (*name).to_owned(), |target| format!("{name} {}", clip(&target))))))
}

/// Whether a call has a name; Lambda appends the API's version (`CreateFunction20150331`).
pub(in super::super) fn is_call(event: &str, name: &str) -> bool {
    event.strip_prefix(name).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == 'v') && !rest.starts_with('v'))
}

/// Weighs groups by how new the use of a service is for their principals; what is known is dropped.
pub(in super::super) fn unusual(mut groups: Vec<Group>, history: &History, service_of: &dyn Fn(&Group) -> &'static str) -> Vec<Group> {
    groups.retain_mut(|group| {
        let service = service_of(group);
        let novelty = history.group(group, service);
        // Whoever used the service a day before is at work there, unless it now comes from elsewhere.
        let known = novelty == Novelty::Known || history.service(&group.actor, service, group.first) == Novelty::Known;
        if known && !history.elsewhere(group) {
            return false;
        }
        if novelty == Novelty::NoBaseline && group.tool().is_none() {
            group.severity = lower(group.severity);
        }
        group.notes.extend(novelty.says());
        true
    });
    groups
}
