//! Fields in the order of the notice become blocks: which resources did which things at which time. A block ends where a field
//! comes again that it already has. Categories from AWS's sentences are added later.

use abate_model::{Category, Remote, Resource, ResourceKind, is_masked};

use crate::account;
use crate::addresses;
use crate::categories;
use crate::ends;
use crate::fields::{Field, Key};
use crate::regions;
use crate::reporter::{Span, combine, without_less};
use crate::resources;
use crate::table::{CommaLine, Row};
use crate::text::{push_new, refang};
use crate::times::{Assumed, Found, epoch, find_all, find_with_dates};

/// Resources that are reported together, with what is said of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    /// the first line
    pub line: usize,
    pub account: Option<String>,
    pub regions: Vec<String>,
    pub resources: Vec<Resource>,
    /// categories that fields of the block name
    pub categories: Vec<Category>,
    /// whether `Reported …:` stood in it, named or not
    pub activity: bool,
    activity_after_resource: bool,
    /// whether what is said of it stands below its resource, which closed the list of resources
    details_below: bool,
    times: Vec<Found>,
    begin: Option<Found>,
    end: Option<Found>,
    ends: Vec<Ends>,
    rows: Vec<Remote>,
    pub urls: Vec<String>,
    /// numbers of its lines
    pub lines: Vec<usize>,
    /// the last line that names a resource
    named_at: usize,
    /// whether account and resource stand on one line
    classic: bool,
}

/// Far ends as fields that belong together: each address with each port.
#[derive(Clone, Debug, Default)]
struct Ends {
    addresses: Vec<String>,
    ports: Vec<(Option<String>, u16)>,
    protocol: Option<String>,
}

impl Block {
    /// A block about one resource, of which nothing is said yet.
    pub fn of(resource: Resource) -> Self {
        Self { resources: vec![resource], ..Self::default() }
    }

    /// The fields to which one more belongs: where it stands already, another far end begins.
    fn ends(&mut self, has: impl Fn(&Ends) -> bool) -> &mut Ends {
        if self.ends.last().is_none_or(has) {
            self.ends.push(Ends::default());
        }
        let last = self.ends.len() - 1;
        &mut self.ends[last]
    }

    /// When it was.
    pub fn span(&self) -> Option<Span> {
        let found: Vec<Found> = self.begin.iter().chain(&self.end).chain(&self.times).cloned().collect();
        Span::of(&found)
    }

    /// Far ends, rows of a table first.
    pub fn remote(&self) -> Vec<Remote> {
        let mut found = self.rows.clone();
        for (n, one) in self.ends.iter().enumerate() {
            // Addresses in a row share the ports that stand below the last of them.
            let bare = one.ports.is_empty() && one.protocol.is_none();
            let rest = self.ends.get(n..).unwrap_or_default();
            let ports = if bare { rest.iter().find(|e| !e.ports.is_empty()).unwrap_or(one) } else { one };
            for remote in combine(&one.addresses, &ports.ports, ports.protocol.as_deref()) {
                push_new(&mut found, remote);
            }
        }
        without_less(found)
    }

    /// Adds what was found without labels.
    pub fn add_found(&mut self, times: Vec<Found>, remote: Vec<Remote>, urls: Vec<String>) {
        self.times.extend(times);
        remote.into_iter().for_each(|r| push_new(&mut self.rows, r));
        urls.into_iter().for_each(|url| push_new(&mut self.urls, url));
    }

    /// One block for each resource; a user stays with the key named before it.
    pub fn each_resource(self) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for resource in &self.resources {
            let owner = matches!(resource.kind, ResourceKind::IamUser | ResourceKind::IamRole);
            match found.last_mut().filter(|_| owner) {
                Some(last) => last.resources.push(resource.clone()),
                None => found.push(Self { resources: vec![resource.clone()], ..self.clone() }),
            }
        }
        found
    }

    /// A block of an earlier message: its line numbers mean nothing here.
    pub fn into_history(self) -> Self {
        Self { line: 0, lines: Vec::new(), ..self }
    }

    fn has_time(&self) -> bool {
        !self.times.is_empty() || self.begin.is_some() || self.end.is_some()
    }

    fn note(&mut self, field: &Field) {
        for line in field.line..=field.last {
            push_new(&mut self.lines, line);
        }
    }

    /// A further block about the same resources.
    fn again(&self, line: usize) -> Self {
        Self {
            line,
            account: self.account.clone(),
            regions: self.regions.clone(),
            resources: self.resources.clone(),
            categories: self.categories.clone(),
            lines: Vec::new(),
            ..Self::default()
        }
    }
}

/// Groups fields, table rows and comma lines. The last field to be used by none stands in no block's lines.
pub(crate) fn group(fields: &[Field], rows: &[Row], comma: &[CommaLine], assumed: &Assumed) -> Vec<Block> {
    let mut builder = Builder { blocks: Vec::new(), current: 0, account_line: None, assumed };
    let mut pending = rows.iter().peekable();
    for (n, field) in fields.iter().enumerate() {
        while let Some(row) = pending.next_if(|row| row.line < field.line) {
            builder.row(row);
        }
        // The three pairs of the classic line belong together: its account begins a new block.
        let with_resource = fields.iter().skip(n + 1).take_while(|f| f.line == field.line).any(|f| matches!(f.key, Key::Resource(_)));
        builder.field(field, with_resource);
    }
    for row in pending {
        builder.row(row);
    }
    for line in comma {
        builder.blocks.push(Block {
            line: line.line,
            regions: line.regions.clone(),
            resources: vec![line.resource.clone()],
            categories: vec![line.category],
            activity: true,
            times: vec![line.time.clone()],
            rows: vec![line.remote.clone()],
            lines: vec![line.line],
            ..Block::default()
        });
    }
    builder.blocks.retain(|b| !b.lines.is_empty());
    share(&mut builder.blocks);
    builder.blocks
}

/// Fields that stand once below several bare resource lines hold for all of them.
fn share(blocks: &mut [Block]) {
    let bare =
        |b: &Block| !b.has_time() && !b.activity && b.rows.is_empty() && b.ends.is_empty() && b.urls.is_empty() && !b.resources.is_empty();
    for n in (1..blocks.len()).rev() {
        let (above, below) = blocks.split_at_mut(n);
        let (Some(upper), Some(lower)) = (above.last_mut(), below.first()) else { continue };
        // Fields above the resource are its own.
        if !bare(upper) || !lower.details_below {
            continue;
        }
        upper.times.clone_from(&lower.times);
        upper.begin.clone_from(&lower.begin);
        upper.end.clone_from(&lower.end);
        upper.categories.clone_from(&lower.categories);
        upper.activity = lower.activity;
        upper.ends.clone_from(&lower.ends);
        upper.urls.clone_from(&lower.urls);
        upper.details_below = true;
    }
}

struct Builder<'a> {
    blocks: Vec<Block>,
    current: usize,
    /// the line of the last account field
    account_line: Option<usize>,
    assumed: &'a Assumed,
}

impl Builder<'_> {
    fn block(&mut self, line: usize) -> &mut Block {
        if self.blocks.is_empty() {
            self.blocks.push(Block { line, ..Block::default() });
            self.current = 0;
        }
        self.current = self.current.min(self.blocks.len() - 1);
        &mut self.blocks[self.current]
    }

    fn open(&mut self, block: Block) {
        self.blocks.push(block);
        self.current = self.blocks.len() - 1;
    }

    fn field(&mut self, field: &Field, with_resource: bool) {
        let line = field.line;
        let with_resource_line = self.account_line == Some(line);
        if field.key == Key::Account {
            self.account_line = Some(line);
        }
        match field.key {
            Key::Account => {
                let Some(id) = account::of_value(&field.value) else { return };
                let now = self.block(line);
                let taken = now.account.as_ref().is_some_and(|a| *a != id) || now.has_time();
                if !now.resources.is_empty() && (with_resource || taken) {
                    self.open(Block { line, ..Block::default() });
                }
                self.block(line).account = Some(id);
            }
            Key::Region => {
                let found = regions::find(&field.value);
                if found.is_empty() {
                    return;
                }
                for region in found {
                    push_new(&mut self.block(line).regions, region);
                }
            }
            Key::Resource(kind) => {
                if !self.resources(field, kind) {
                    return;
                }
            }
            Key::OwnAddress => {
                if !self.own_address(field) {
                    return;
                }
            }
            Key::Activity | Key::Vulnerability => self.activity(field),
            Key::Time | Key::Begin | Key::End | Key::Date => {
                if !self.time(field) {
                    return;
                }
            }
            Key::RemoteAddress | Key::RemotePort | Key::Protocol | Key::Url => self.remote(field),
            Key::Detail if self.blocks.is_empty() => return,
            Key::Detail => {}
            Key::RequiredAction | Key::Action | Key::Case | Key::Clock | Key::Zone | Key::Log => return,
        }
        let block = self.block(line);
        block.note(field);
        let detail = matches!(field.key, Key::Time | Key::Begin | Key::End | Key::Date | Key::Activity | Key::Vulnerability)
            || matches!(field.key, Key::RemoteAddress | Key::RemotePort | Key::Protocol | Key::Url);
        // A line that names the resource and says more is about that resource alone.
        let apart = field.line > block.named_at;
        block.details_below |= detail && apart && !block.resources.is_empty() && block.classic;
        if matches!(field.key, Key::Resource(_)) {
            block.named_at = field.line;
            block.classic |= with_resource_line;
        }
    }

    /// Takes over resources; `false` if the value names none.
    fn resources(&mut self, field: &Field, kind: Option<ResourceKind>) -> bool {
        let found = of_value(&field.value, kind);
        let Some(first) = found.first() else { return false };
        let known = self.blocks.iter().position(|b| b.resources.iter().any(|r| r.id == first.resource.id));
        match known.and_then(|at| self.blocks.get(at).map(|b| (at, b))) {
            // Details follow on a resource that was named above.
            Some((at, block)) if !block.has_time() => self.current = at,
            Some((_, block)) => {
                let mut again = Block { resources: Vec::new(), ..block.again(field.line) };
                // A block that its account has just begun is this one.
                match self.blocks.get(self.current).filter(|b| b.resources.is_empty() && !b.has_time() && !b.activity) {
                    Some(begun) => {
                        again.line = begun.line;
                        again.lines.clone_from(&begun.lines);
                        again.account = begun.account.clone().or(again.account);
                        self.blocks[self.current] = again;
                    }
                    None => self.open(again),
                }
            }
            None => self.open_for_new_resource(field.line),
        }
        let block = self.block(field.line);
        for one in found {
            if let Some(region) = one.region {
                push_new(&mut block.regions, region);
            }
            if block.account.is_none() {
                block.account = one.account;
            }
            match block.resources.iter_mut().find(|r| r.id == one.resource.id) {
                Some(same) => one.resource.addresses.into_iter().for_each(|a| push_new(&mut same.addresses, a)),
                None => block.resources.push(one.resource),
            }
        }
        true
    }

    /// A resource that was not named before begins a block unless the present one is still about naming resources.
    fn open_for_new_resource(&mut self, line: usize) {
        let now = self.block(line);
        let closed = now.has_time() || now.activity_after_resource || !now.remote().is_empty();
        if now.resources.is_empty() || !closed {
            return;
        }
        let categories = if now.activity_after_resource { Vec::new() } else { now.categories.clone() };
        let account = now.account.clone();
        self.open(Block { line, account, categories, ..Block::default() });
    }

    fn own_address(&mut self, field: &Field) -> bool {
        let mut found: Vec<String> = addresses::find(&refang(&field.value)).into_iter().map(|a| a.address).collect();
        if found.is_empty() && is_masked(&field.value) && !field.value.contains(' ') {
            found.push(field.value.clone());
        }
        let block = self.block(field.line);
        for address in &found {
            let masked = is_masked(address);
            match block.resources.last_mut() {
                Some(resource) if resource.kind != ResourceKind::Address => {
                    push_new(&mut resource.addresses, address.clone());
                    resource.masked |= masked;
                }
                _ => {
                    let kind = if field.label == "elastic ip" { ResourceKind::ElasticIp } else { ResourceKind::Address };
                    push_new(&mut block.resources, resources::resource(kind, address));
                }
            }
        }
        !found.is_empty()
    }

    fn activity(&mut self, field: &Field) {
        let now = self.block(field.line);
        if now.activity {
            // One thing after another of the same resources.
            let again = Block { categories: Vec::new(), ..now.again(field.line) };
            self.open(again);
        }
        let block = self.block(field.line);
        block.categories.clear();
        block.activity = true;
        block.activity_after_resource = !block.resources.is_empty();
        let before = block.categories.len();
        for name in field.value.split([',', ';', '\n']) {
            let named = categories::of_short_name(name);
            let category = if field.key == Key::Vulnerability {
                Some(named.filter(|c| *c == Category::OpenResolver).unwrap_or(Category::Vulnerability))
            } else {
                named
            };
            if let Some(category) = category {
                push_new(&mut block.categories, category);
            }
        }
        // A short name that is not known names something all the same: the sentences around must not turn it into something else.
        let short = (1..=4).contains(&field.value.split_whitespace().count());
        if block.categories.len() == before && short && field.key == Key::Activity && !is_masked(&field.value) {
            block.categories.push(Category::Other);
        }
    }

    fn time(&mut self, field: &Field) -> bool {
        let mut found = find_all(&field.value, self.assumed);
        found.extend(epoch(&field.value).filter(|_| found.is_empty()));
        if found.is_empty() {
            found = find_with_dates(&field.value, self.assumed);
        }
        if found.is_empty() {
            return false;
        }
        let now = self.block(field.line);
        let taken = match field.key {
            Key::Begin => now.begin.is_some(),
            Key::End => now.end.is_some(),
            _ => false,
        };
        if taken {
            let again = now.again(field.line);
            self.open(again);
        }
        let block = self.block(field.line);
        match field.key {
            Key::Begin => block.begin = found.into_iter().next(),
            Key::End => block.end = found.into_iter().next(),
            _ => block.times.extend(found),
        }
        true
    }

    fn remote(&mut self, field: &Field) {
        let value = refang(&field.value);
        let block = self.block(field.line);
        match field.key {
            Key::RemoteAddress => {
                let found = addresses::find(&value);
                let (port, protocol) = ends::said(&value);
                let hosts: Vec<String> = if found.is_empty() { addresses::hosts(&value) } else { Vec::new() };
                if found.is_empty() && hosts.is_empty() {
                    return;
                }
                let ends = block.ends(|e| !e.addresses.is_empty());
                for one in found {
                    push_new(&mut ends.addresses, one.address);
                    if let Some(port) = one.port {
                        push_new(&mut ends.ports, (None, port));
                    }
                }
                hosts.into_iter().for_each(|host| push_new(&mut ends.addresses, host));
                if let Some(port) = port.filter(|p| !ends.ports.iter().any(|(_, known)| known == p)) {
                    ends.ports.push((protocol, port));
                }
            }
            Key::RemotePort => block.ends(|e| !e.ports.is_empty()).ports.extend(addresses::ports(&value)),
            Key::Protocol => {
                let protocol = value.split([',', ' ']).find_map(addresses::protocol);
                if protocol.is_some() {
                    block.ends(|e| e.protocol.is_some()).protocol = protocol;
                }
            }
            _ => addresses::urls(&value).into_iter().for_each(|(_, url)| push_new(&mut block.urls, url)),
        }
    }

    fn row(&mut self, row: &Row) {
        let known = self.blocks.iter().position(|b| b.resources.iter().any(|r| r.id == row.resource.id));
        if let Some(at) = known {
            self.current = at;
        } else {
            let now = self.block(row.line);
            if !now.resources.is_empty() {
                let (account, regions) = (now.account.clone(), now.regions.clone());
                self.open(Block { line: row.line, account, regions, ..Block::default() });
            }
            self.block(row.line).resources.push(row.resource.clone());
        }
        let block = self.block(row.line);
        push_new(&mut block.rows, row.remote.clone());
        push_new(&mut block.lines, row.line);
    }
}

/// The resources of a labelled value: by their form, else the value itself where the label says what it is.
fn of_value(value: &str, kind: Option<ResourceKind>) -> Vec<resources::Found> {
    let found = resources::find(value);
    if !found.is_empty() {
        return found;
    }
    value
        .split([',', '\n'])
        .filter_map(|item| {
            let item = item.trim();
            let name = item.split(['[', '(']).next().unwrap_or_default().trim();
            let name = name.split("  ").next().unwrap_or_default().trim_end_matches('.');
            let plain = !name.is_empty() && name.len() <= 128 && !name.contains(char::is_whitespace);
            let kind = match kind {
                Some(ResourceKind::Ec2Instance) if plain && (name.starts_with("i-") || is_masked(name)) => ResourceKind::Ec2Instance,
                Some(ResourceKind::Ec2Instance) => return None,
                Some(ResourceKind::Domain) if !name.contains('.') => return None,
                Some(kind) if plain => kind,
                None if plain && is_masked(name) => ResourceKind::Other,
                None => match addresses::find(name).as_slice() {
                    [one] if one.address == name => ResourceKind::Address,
                    _ => return None,
                },
                _ => return None,
            };
            let mut resource = resources::resource(kind, name);
            resource.addresses = addresses::find(item.get(name.len()..).unwrap_or_default()).into_iter().map(|a| a.address).collect();
            resource.masked |= resource.addresses.iter().any(|a| is_masked(a));
            Some(resources::Found { resource, account: None, region: None, start: 0, end: value.len() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields;

    fn blocks(text: &str) -> Vec<(Vec<String>, Vec<Category>, Option<String>)> {
        let assumed = Assumed::of("", "2026-01-05T00:00:00Z".parse().unwrap());
        group(&fields::read(text), &[], &[], &assumed)
            .into_iter()
            .map(|b| {
                let from = b.span().map(|s| s.from.to_string());
                (b.resources.into_iter().map(|r| r.id).collect(), b.categories, from)
            })
            .collect()
    }

    fn block(ids: &[&str], categories: &[Category], from: Option<&str>) -> (Vec<String>, Vec<Category>, Option<String>) {
        (ids.iter().map(|s| (*s).to_owned()).collect(), categories.to_vec(), from.map(str::to_owned))
    }

    #[test]
    fn each_resource_keeps_its_own_time_and_activity() {
        assert_eq!(
            blocks(
                "AWS Account ID: 111122223333\nImplicated Resource:EC2 Instance Id: i-0000000a\nReported Activity: Port Scanning\nAbuse Time: 10 Jul 2024 02:00:00 UTC\n\
                 Implicated Resource:EC2 Instance Id: i-0000000b\nReported Activity: Intrusion Attempts\nAbuse Time: 11 Jul 2024 02:00:00 UTC"
            ),
            [
                block(&["i-0000000a"], &[Category::PortScan], Some("2024-07-10T02:00:00Z")),
                block(&["i-0000000b"], &[Category::Intrusion], Some("2024-07-11T02:00:00Z"))
            ]
        );
    }

    #[test]
    fn several_resources_share_a_time() {
        assert_eq!(
            blocks(
                "Reported Activity: Open Proxy\nImplicated Resource: i-0000000a\nImplicated Resource: i-0000000b\nAbuse Time: 10 Jul 2024 02:00:00 UTC"
            ),
            [block(&["i-0000000a", "i-0000000b"], &[Category::OpenProxy], Some("2024-07-10T02:00:00Z"))]
        );
    }

    #[test]
    fn several_activities_of_a_resource() {
        assert_eq!(
            blocks(
                "Instance Id: i-0000000a\nReported Activity: Port Scanning\nAbuse Time: 10 Jul 2024 02:00:00 UTC\nReported Activity: Open Proxy\nAbuse Time: 11 Jul 2024 02:00:00 UTC"
            ),
            [
                block(&["i-0000000a"], &[Category::PortScan], Some("2024-07-10T02:00:00Z")),
                block(&["i-0000000a"], &[Category::OpenProxy], Some("2024-07-11T02:00:00Z"))
            ]
        );
    }

    #[test]
    fn classic_lines_are_blocks_of_their_own() {
        let text = "AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0000000a [203.0.113.7]\n\
                    AWS ID: 111122223333    Region: us-east-1    EC2 Instance Id: i-0000000b [203.0.113.8]";
        assert_eq!(blocks(text), [block(&["i-0000000a"], &[], None), block(&["i-0000000b"], &[], None)]);
    }

    #[test]
    fn a_second_window_of_the_same_resource() {
        let text = "Instance Id: i-0000000a\nReport begin time: 2019-05-14 02:04:18 UTC\nReport end time: 2019-05-14 02:05:18 UTC\n\
                    Instance Id: i-0000000a\nReport begin time: 2019-05-15 02:04:18 UTC\nReport end time: 2019-05-15 02:05:18 UTC";
        assert_eq!(
            blocks(text),
            [block(&["i-0000000a"], &[], Some("2019-05-14T02:04:18Z")), block(&["i-0000000a"], &[], Some("2019-05-15T02:04:18Z"))]
        );
    }
}
