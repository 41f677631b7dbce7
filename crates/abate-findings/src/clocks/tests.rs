//! Hosts whose clock is off by a known amount, beside logs of AWS.

use abate_model::memory::{FormatFacts, Memory};
use abate_model::rows::{HttpActivity, NetworkActivity};
use abate_model::{ClockReading, Locator, Source};

use super::*;

const START: i64 = 1_790_000_000;
const FORMATS: [&str; 5] = ["syslog", "vpc-flow", "web-access", "elb", "utmp"];
const HOUR: i64 = 3600;

fn row(format: &str, at: i64, zone: ZoneCertainty, body: Body<'static>) -> Row<'static> {
    let source = FORMATS.iter().position(|f| *f == format).expect("a format") as u32;
    Row { at: Timestamp::from_second(START + at).ok(), zone, source, locator: Locator::Record { n: 0 }, body }
}

fn sshd(at: i64, host: &'static str, from: IpAddr, port: Option<u16>) -> Row<'static> {
    let auth = Authentication {
        service: "sshd".into(),
        host: Some(host.into()),
        user: Some("root".into()),
        source: Some(from),
        source_port: port,
        attempts: 1,
        ..Authentication::default()
    };
    row("syslog", at, ZoneCertainty::Assumed, Body::Auth(Box::new(auth)))
}

fn flow(at: i64, seconds: i64, from: IpAddr, ports: (u16, u16)) -> Row<'static> {
    let net = NetworkActivity {
        interface_id: Some("eni-1".into()),
        src: Some(from),
        dst: Some(IpAddr::from([10, 0, 0, 5])),
        src_port: Some(ports.0),
        dst_port: Some(ports.1),
        protocol: Some(6),
        packets: 9,
        end: Timestamp::from_second(START + at + seconds).ok(),
        action: Some(FlowAction::Accept),
        ..NetworkActivity::default()
    };
    row("vpc-flow", at, ZoneCertainty::Stated, Body::Net(net))
}

fn request(format: &str, at: i64, client: IpAddr, passed_on: Option<&str>, target: &str) -> Row<'static> {
    let http = HttpActivity {
        client: client.to_string().into(),
        method: "GET".into(),
        target: target.to_owned().into(),
        status: Some(200),
        forwarded_for: passed_on.map(|list| list.to_owned().into()),
        ..HttpActivity::default()
    };
    row(format, at, ZoneCertainty::Stated, Body::Http(Box::new(http)))
}

fn somebody(n: i64) -> IpAddr {
    IpAddr::from([198, 51, 100, u8::try_from(n % 250).expect("small")])
}

fn port(n: i64) -> u16 {
    32_768 + u16::try_from(n * 37 % 28_000).expect("a port")
}

/// The moments at which things happen: irregular, the same in every run.
fn moments(count: i64) -> impl Iterator<Item = (i64, i64)> + Clone {
    (0..count).map(|n| (n, n * 977 + n * n * 13 % 700))
}

fn compared(rows: Vec<Row<'static>>) -> Vec<Clock> {
    let source = |format: &&str| Source {
        path: format!("{format}.log"),
        containers: Vec::new(),
        sha256: String::new(),
        bytes: 1,
        format: Some((*format).to_owned()),
        recognised_by: "test".to_owned(),
        records: 1,
        duplicates: 0,
        gone: false,
        losses: Vec::new(),
    };
    let facts = |format: &str| FormatFacts { by_aws: matches!(format, "vpc-flow" | "elb"), ..FormatFacts::default() };
    compare(&Memory::new(FORMATS.iter().map(source).collect(), rows, Vec::new(), &facts))
}

fn of<'c>(clocks: &'c [Clock], format: &str) -> &'c Clock {
    clocks.iter().find(|clock| clock.format == format).expect("a clock of this format")
}

/// A night of strangers at the door of a host whose clock is off.
fn night(off: i64, interval: i64) -> Vec<Row<'static>> {
    moments(40)
        .flat_map(|(n, at)| {
            [flow(at, 4 + n % interval, somebody(n), (port(n), 22)), sshd(at + 2 + off, "web1", somebody(n), Some(port(n)))]
        })
        .collect()
}

#[test]
fn a_shift_is_found_as_exactly_as_flow_records_allow() {
    for (off, reading) in [
        (0, ClockReading::InStep),
        (47, ClockReading::Apart),
        (-90, ClockReading::Apart),
        (9 * HOUR, ClockReading::OtherZone),
        (-5 * HOUR - 1800, ClockReading::OtherZone),
        (9 * HOUR + 20, ClockReading::OtherZone),
        (3 * HOUR + 411, ClockReading::Apart),
    ] {
        let clocks = compared(night(off, 8));
        let clock = of(&clocks, "syslog");
        assert_eq!((clock.reading, clock.by), (reading, Some(SeenTwice::Connection)), "{off}: {clock:?}");
        let ahead = clock.ahead.expect("an estimate");
        assert!(ahead.from <= off + 2 && off <= ahead.to && ahead.to - ahead.from <= 70, "{off}: {ahead:?}");
        assert_eq!((clock.acts, clock.agreeing, clock.addresses), (40, 40, 40));
        assert_eq!(clock.is_off(), reading != ClockReading::InStep);
    }
}

#[test]
fn records_of_ten_minutes_leave_it_open_what_lies_within_them() {
    let clocks = compared(night(0, 600));
    let clock = of(&clocks, "syslog");
    assert_eq!(clock.reading, ClockReading::InStep, "{clock:?}");
    // Only short connections make it narrow; the few of these are enough.
    assert!(clock.ahead.is_some_and(|ahead| ahead.from >= -130 && ahead.to <= 62), "{clock:?}");
}

#[test]
fn what_goes_on_over_several_records_is_one_connection() {
    let mut rows = Vec::new();
    for (n, at) in moments(6) {
        let at = at * 9;
        rows.extend((0..6).map(|minute| flow(at + minute * 60, 59, somebody(n), (port(n), 22))));
        rows.push(sshd(at + 3 + 47, "web1", somebody(n), Some(port(n))));
    }
    let clock = of(&compared(rows), "syslog").clone();
    assert_eq!(clock.reading, ClockReading::InStep, "a shift that the records do not show is not claimed: {clock:?}");
    assert!(clock.ahead.is_some_and(|ahead| ahead.from <= 47 && 47 <= ahead.to), "{clock:?}");
}

#[test]
fn an_address_with_thousands_of_tries_outvotes_nobody() {
    // It goes through the same ports every two hours, over which the others' clock says nothing.
    let tries = |off: i64, from: i64, to: i64| (from..to).map(move |n| (n * 4 + off, 40_000 + u16::try_from(n % 1800).expect("small")));
    let brute = IpAddr::from([203, 0, 113, 9]);
    for off in [0, 9 * HOUR] {
        let mut rows = night(off, 8);
        rows.extend(tries(0, 0, 9000).map(|(at, port)| flow(at, 2, brute, (port, 22))));
        rows.extend(tries(off + 1, 0, 9000).map(|(at, port)| sshd(at, "web1", brute, Some(port))));
        let clocks = compared(rows);
        let clock = of(&clocks, "syslog");
        assert!(clock.ahead.is_some_and(|ahead| ahead.from <= off + 2 && off <= ahead.to), "{off}: {clock:?}");
        assert!(clock.addresses > 30, "{clock:?}");
    }
}

#[test]
fn one_address_at_different_times_makes_no_shift() {
    // The flow log has the first half of the tries, the host's log the second; ports come again in the same order.
    let brute = IpAddr::from([203, 0, 113, 9]);
    let port = |n: i64| 40_000 + u16::try_from(n).expect("small");
    let flows = (0..500).map(|n| flow(n * 10, 2, brute, (port(n), 22)));
    let lines = (0..500).map(|n| sshd(n * 10 + 20_117, "web1", brute, Some(port(n))));
    let clocks = compared(flows.chain(lines).collect());
    let clock = of(&clocks, "syslog");
    assert_eq!((clock.reading, clock.ahead), (ClockReading::NotEstimated, None), "{clock:?}");
    assert!(clock.says.en.contains("one address"), "{}", clock.says.en);
    assert!(clock.is_doubtful(), "its zone was assumed");
}

#[test]
fn ports_that_come_again_by_chance_make_no_shift() {
    // Ten addresses with hundreds of connections each, of which the logs have different ones.
    let draw = |n: i64, salt: i64| 33_000 + u16::try_from((n * 7_919 + salt * 104_729 + n * n % 977 * salt) % 900).expect("small");
    let mut rows = Vec::new();
    for who in 0..10 {
        rows.extend((0..300).map(|n| flow(n * 60 + who, 5, somebody(who), (draw(n, who + 1), 22))));
        rows.extend((0..300).map(|n| sshd(n * 71 + 20_000 + who * 13, "web1", somebody(who), Some(draw(n, who + 29)))));
    }
    let clocks = compared(rows);
    let clock = of(&clocks, "syslog");
    assert!(clock.acts > 20, "there are coincidences: {clock:?}");
    assert_eq!(clock.reading, ClockReading::NotEstimated, "{clock:?}");
}

#[test]
fn nothing_in_common_is_no_estimate() {
    let lines = moments(20).map(|(n, at)| sshd(at, "web1", somebody(n), Some(port(n))));
    let alone = compared(lines.clone().collect());
    assert_eq!((alone[0].reading, alone[0].acts, alone[0].by), (ClockReading::NotEstimated, 0, None));
    let elsewhere = moments(20).map(|(n, at)| flow(at, 5, somebody(n + 100), (port(n), 22)));
    let clocks = compared(lines.clone().chain(elsewhere).collect());
    assert_eq!((clocks[0].reading, clocks[0].acts), (ClockReading::NotEstimated, 0));
    // Two days later it is no longer the same connection.
    let later = moments(20).map(|(n, at)| flow(at + 48 * HOUR, 5, somebody(n), (port(n), 22)));
    let clocks = compared(lines.chain(later).collect());
    assert_eq!((clocks[0].reading, clocks[0].acts), (ClockReading::NotEstimated, 0));
    let two = compared(night(9 * HOUR, 8).into_iter().take(4).collect());
    assert_eq!((two[0].reading, two[0].agreeing), (ClockReading::NotEstimated, 2));
    assert!(two[0].says.en.contains("only 2"), "{}", two[0].says.en);
}

#[test]
fn refused_packets_are_no_connections() {
    let rows = night(47, 8).into_iter().map(|mut row| {
        if let Body::Net(net) = &mut row.body {
            net.action = Some(FlowAction::Reject);
        }
        row
    });
    assert_eq!(compared(rows.collect())[0].acts, 0);
}

#[test]
fn hosts_have_clocks_of_their_own() {
    let mut rows = night(0, 8);
    for (n, at) in moments(20) {
        rows.push(flow(at + 7, 5, somebody(n + 60), (port(n), 22)));
        rows.push(sshd(at + 9 + 9 * HOUR, "batch1", somebody(n + 60), Some(port(n))));
    }
    let clocks = compared(rows);
    let reading = |host: &str| clocks.iter().find(|c| c.host.as_deref() == Some(host)).map(|c| c.reading);
    assert_eq!((reading("web1"), reading("batch1")), (Some(ClockReading::InStep), Some(ClockReading::OtherZone)));
}

#[test]
fn lines_without_a_port_are_told_by_their_address() {
    let rows = moments(12).flat_map(|(n, at)| {
        [flow(at, 5, somebody(n), (port(n), 3389)), {
            let mut row = sshd(at + 1 - 9 * HOUR, "win1", somebody(n), None);
            if let Body::Auth(auth) = &mut row.body {
                auth.service = "rdp".into();
            }
            row
        }]
    });
    let clock = of(&compared(rows.collect()), "syslog").clone();
    assert_eq!((clock.reading, clock.by, clock.agreeing), (ClockReading::OtherZone, Some(SeenTwice::Visit), 12));
    assert!(clock.ahead.is_some_and(|ahead| ahead.to < -8 * HOUR), "{clock:?}");
}

#[test]
fn who_comes_every_hour_makes_no_zone() {
    // The web server's log ends where the flow log begins; some clients come at the same minute of every hour, others once.
    let (mut rows, crawlers) = (Vec::new(), 8);
    for n in 0..crawlers {
        rows.push(request("web-access", 3 * HOUR + n * 300, somebody(n), None, "/feed"));
        rows.push(flow(4 * HOUR + n * 300 - 1, 5, somebody(n), (port(n), 443)));
    }
    for n in 0..60 {
        rows.push(request("web-access", 2 * HOUR + n * 113, somebody(n + 20), None, "/"));
        rows.push(flow(4 * HOUR + n * 117, 5, somebody(n + 100), (port(n), 443)));
    }
    rows.push(flow(12 * HOUR, 5, somebody(249), (port(1), 443)));
    let clocks = compared(rows.clone());
    let clock = of(&clocks, "web-access");
    assert_eq!((clock.reading, clock.agreeing), (ClockReading::NotEstimated, crawlers as u64), "{clock:?}");
    assert!(clock.says.en.contains("would have to have"), "{}", clock.says.en);
    // A server whose clock is an hour behind: whoever comes is in both.
    rows.extend((0..60).map(|n| flow(3 * HOUR + n * 113 - 1, 5, somebody(n + 20), (port(n), 443))));
    let clock = of(&compared(rows), "web-access").clone();
    assert_eq!((clock.reading, clock.by), (ClockReading::OtherZone, Some(SeenTwice::Visit)), "{clock:?}");
}

#[test]
fn requests_are_told_by_client_and_page() {
    let balancer = IpAddr::from([10, 0, 1, 7]);
    let mut rows = Vec::new();
    for (n, at) in moments(30) {
        let (client, page) = (somebody(n), format!("/page/{n}?q=1"));
        rows.push(request("elb", at, client, None, &page));
        // What the client wrote into the header stands in front.
        rows.push(request("web-access", at - 90, balancer, Some(&format!("192.0.2.77, {client}")), &page));
        // The health check and the front page say nothing: they come all the time.
        rows.push(request("elb", at + 1, client, None, "/"));
        rows.push(request("web-access", at + 1, balancer, None, "/health"));
    }
    let clocks = compared(rows);
    let clock = of(&clocks, "web-access");
    assert_eq!((clock.reading, clock.by, clock.agreeing), (ClockReading::Apart, Some(SeenTwice::Request), 30), "{clock:?}");
    assert_eq!(clock.ahead, Some(abate_model::Ahead { from: -95, to: -85 }));
    assert_eq!(clock.against, ["elb"]);
    assert!(clocks.iter().all(|clock| clock.format != "elb"), "AWS's clocks are not in question");
}

#[test]
fn one_client_with_many_pages_has_sixteen_votes() {
    let client = IpAddr::from([203, 0, 113, 9]);
    let pages = moments(200).flat_map(|(n, at)| {
        let page = format!("/page/{n}");
        [request("elb", at, client, None, &page), request("web-access", at + 9 * HOUR, client, None, &page)]
    });
    let clock = of(&compared(pages.collect()), "web-access").clone();
    assert_eq!((clock.reading, clock.acts, clock.agreeing), (ClockReading::OtherZone, 16, 16), "{clock:?}");
}

#[test]
fn a_login_record_tells_the_zone_of_lines_without_one() {
    let login = |at: i64, from: IpAddr| {
        let auth = Authentication {
            service: "sshd".into(),
            user: Some("1000".into()),
            source: Some(from),
            outcome: AuthOutcome::Success,
            attempts: 1,
            ..Authentication::default()
        };
        row("utmp", at, ZoneCertainty::Stated, Body::Auth(Box::new(auth)))
    };
    let line = |at: i64, host: &'static str, from: IpAddr| {
        let mut row = sshd(at, host, from, Some(5));
        if let Body::Auth(auth) = &mut row.body {
            auth.outcome = AuthOutcome::Success;
        }
        row
    };
    let rows: Vec<_> = moments(5).flat_map(|(n, at)| [login(at, somebody(n)), line(at + 9 * HOUR - 1, "web1", somebody(n))]).collect();
    let clock = of(&compared(rows.clone()), "syslog").clone();
    assert_eq!((clock.reading, clock.by, clock.agreeing), (ClockReading::OtherZone, Some(SeenTwice::SignIn), 5), "{clock:?}");
    assert!(clock.says.en.contains("9 h west"), "{}", clock.says.en);
    // The kernel's record names the connection when it begins, the line when the password is right.
    let session = moments(8).flat_map(|(n, at)| {
        let mut begun = login(at, somebody(n));
        if let Body::Auth(auth) = &mut begun.body {
            (auth.source_port, auth.outcome) = (Some(5), AuthOutcome::Other);
        }
        [begun, line(at + 2 + n * 3 - 5 * HOUR, "web1", somebody(n))]
    });
    let clock = of(&compared(session.collect()), "syslog").clone();
    assert_eq!((clock.reading, clock.by, clock.agreeing), (ClockReading::OtherZone, Some(SeenTwice::SignIn), 8), "{clock:?}");
    assert!(clock.ahead.is_some_and(|ahead| ahead.from <= -5 * HOUR && -5 * HOUR <= ahead.to), "{clock:?}");
    // With lines of two hosts it is open whose login records these are.
    let two = rows.into_iter().chain([line(77, "web2", somebody(200))]).collect();
    assert_eq!(of(&compared(two), "syslog").reading, ClockReading::NotEstimated);
}

#[test]
fn a_sample_is_the_same_in_any_order_and_bounded() {
    let acts: Vec<Act> = (0..3000_u16).map(|n| Act::connection(IpAddr::from([192, 0, (n % 199) as u8, 7]), n, Service::Shell)).collect();
    let kept = |acts: &mut dyn Iterator<Item = &Act>| {
        let mut sample = Sample::default();
        acts.for_each(|act| sample.note(*act, 0, 50));
        sample.iter().map(|(act, _)| act).collect::<Vec<_>>()
    };
    let forth = kept(&mut acts.iter());
    assert_eq!(forth, kept(&mut acts.iter().rev()));
    assert!(forth.len() <= 50 * ACTS && forth.len() > 50, "{}", forth.len());
}

#[test]
fn more_hosts_than_can_be_looked_at_are_said() {
    let host = |n: usize| -> &'static str { Box::leak(format!("host{n}").into_boxed_str()) };
    let rows = (0..CLOCKS + 3).map(|n| sshd(n as i64, host(n), somebody(1), Some(1))).collect();
    let clocks = compared(rows);
    assert_eq!(clocks.len(), CLOCKS + 1);
    assert!(clocks.last().is_some_and(|clock| clock.says.en.contains("3 hosts")), "{:?}", clocks.last());
}
