//! Records survive being put into columns and taken out again.

use std::collections::VecDeque;

use super::record::Kind;
use super::*;

#[derive(Debug, Default)]
struct Shelf(VecDeque<Cell>);

#[derive(Debug)]
enum Cell {
    Text(Option<String>),
    Flag(Option<bool>),
    Number(Option<u64>),
    Float(Option<f64>),
    Time(Option<Timestamp>),
    Address(Option<IpAddr>),
    Texts(Vec<String>),
}

impl Cell {
    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Flag(_) => Kind::Flag,
            Self::Number(_) => Kind::Number,
            Self::Float(_) => Kind::Float,
            Self::Time(_) => Kind::Time,
            Self::Address(_) => Kind::Address,
            Self::Texts(_) => Kind::Texts,
        }
    }
}

impl Columns for Shelf {
    fn text(&mut self, value: Option<&str>) {
        self.0.push_back(Cell::Text(value.map(str::to_owned)));
    }
    fn flag(&mut self, value: Option<bool>) {
        self.0.push_back(Cell::Flag(value));
    }
    fn number(&mut self, value: Option<u64>) {
        self.0.push_back(Cell::Number(value));
    }
    fn float(&mut self, value: Option<f64>) {
        self.0.push_back(Cell::Float(value));
    }
    fn time(&mut self, value: Option<Timestamp>) {
        self.0.push_back(Cell::Time(value));
    }
    fn address(&mut self, value: Option<IpAddr>) {
        self.0.push_back(Cell::Address(value));
    }
    fn texts(&mut self, values: &mut dyn Iterator<Item = Cow<'_, str>>) {
        self.0.push_back(Cell::Texts(values.map(Cow::into_owned).collect()));
    }
}

impl Cells<'static> for Shelf {
    fn text(&mut self) -> Option<&'static str> {
        let Some(Cell::Text(text)) = self.0.pop_front() else { panic!("no text") };
        text.map(|text| &*text.leak())
    }
    fn flag(&mut self) -> Option<bool> {
        let Some(Cell::Flag(flag)) = self.0.pop_front() else { panic!("no flag") };
        flag
    }
    fn number(&mut self) -> Option<u64> {
        let Some(Cell::Number(number)) = self.0.pop_front() else { panic!("no number") };
        number
    }
    fn float(&mut self) -> Option<f64> {
        let Some(Cell::Float(float)) = self.0.pop_front() else { panic!("no float") };
        float
    }
    fn time(&mut self) -> Option<Timestamp> {
        let Some(Cell::Time(time)) = self.0.pop_front() else { panic!("no time") };
        time
    }
    fn address(&mut self) -> Option<IpAddr> {
        let Some(Cell::Address(address)) = self.0.pop_front() else { panic!("no address") };
        address
    }
    fn texts(&mut self) -> Vec<&'static str> {
        let Some(Cell::Texts(texts)) = self.0.pop_front() else { panic!("no texts") };
        texts.into_iter().map(|text| &*text.leak()).collect()
    }
}

#[test]
fn what_is_put_is_taken() {
    let bodies = [
        Body::Net(NetworkActivity {
            interface_id: Some("eni-1".into()),
            src: "2001:db8::1".parse().ok(),
            src_port: Some(65535),
            protocol: Some(6),
            bytes: u64::MAX,
            end: Timestamp::from_second(1).ok(),
            action: Some(FlowAction::Reject),
            status: FlowStatus::SkipData,
            direction: Some(Direction::Egress),
            ..NetworkActivity::default()
        }),
        Body::Inventory(Box::new(InventoryInfo {
            kind: InventoryKind::SecurityGroup,
            id: "sg-1".into(),
            public_addrs: vec!["203.0.113.7".parse().unwrap()],
            groups: vec!["a".into(), "b c".into()],
            ingress: vec![
                IngressRule { protocol: "tcp".to_owned(), from_port: Some(22), to_port: Some(22), cidrs: vec!["0.0.0.0/0".to_owned()] },
                IngressRule { protocol: "-1".to_owned(), from_port: None, to_port: None, cidrs: Vec::new() },
            ],
            ..InventoryInfo::default()
        })),
        Body::Auth(Box::new(Authentication { outcome: AuthOutcome::Success, attempts: 5, mfa: Some(false), ..Authentication::default() })),
        Body::Detection(Box::new(DetectionFinding { severity: 7.5, sample: true, ..DetectionFinding::default() })),
        Body::Process(Box::new(ProcessActivity { command: "id".into(), change: ProcessChange::End, ..ProcessActivity::default() })),
    ];
    for body in bodies {
        let mut shelf = Shelf::default();
        body.put(&mut shelf);
        let kinds: Vec<_> = shelf.0.iter().map(Cell::kind).collect();
        assert_eq!(kinds, Body::fields(body.table()).iter().map(|f| f.kind).collect::<Vec<_>>());
        assert_eq!(Body::take(body.table(), &mut shelf), body);
    }
}

#[test]
fn every_table_has_its_fields_and_their_meaning() {
    for table in Table::ALL {
        assert_eq!(Table::by_name(table.name()), Some(table));
        let fields = Body::fields(table);
        assert!(fields.iter().all(|f| !f.doc.trim().is_empty()), "{}", table.name());
        let mut names: Vec<_> = fields.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), fields.len(), "{}", table.name());
        let mut shelf = Shelf(
            fields
                .iter()
                .map(|f| match f.kind {
                    Kind::Text => Cell::Text(None),
                    Kind::Flag => Cell::Flag(None),
                    Kind::Number => Cell::Number(None),
                    Kind::Float => Cell::Float(None),
                    Kind::Time => Cell::Time(None),
                    Kind::Address => Cell::Address(None),
                    Kind::Texts => Cell::Texts(Vec::new()),
                })
                .collect(),
        );
        let empty = Body::take(table, &mut shelf);
        assert_eq!((empty.table(), empty.clone().into_owned()), (table, empty));
    }
}
