//! Bots drive the company's sign-up: every request makes it send a text message to numbers that earn somebody money. Nobody
//! broke in.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::json;

use super::Scenario;
use crate::background::BATCH_AGENT;
use crate::clock::{self, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::folder::{Frame, Record};
use crate::inventory;
use crate::letters::{self, Abuse, Implicated};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Caller, Event};
use crate::weblog::{self, Hit, Visits};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "signup-sms-pumping",
    title: Text::fixed("Text messages through a sign-up form", "会員登録フォームを悪用した SMS の大量送信"),
    summary: Text::fixed(
        "Bots sign up again and again, and each time a code is sent by text message to a number of theirs. The function does what its makers built, without any limit.",
        "ボットが会員登録を繰り返し、そのたびに認証コードの SMS が第三者の番号へ送られます。機能は作られたとおりに動いており、回数の制限がありません。",
    ),
    build,
};

const AGENTS: &[&str] = &[
    "python-requests/2.31.0",
    "okhttp/4.9.3",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
];

/// What this drill is about.
struct Plan {
    /// whether Amazon Cognito holds the users; otherwise the company's own form
    cognito: bool,
    pool: String,
    client: String,
    role: (String, String),
    path: &'static str,
    agent: &'static str,
    bots: Vec<String>,
    /// first digits of the numbers
    prefix: &'static str,
    acts: Second,
    count: i64,
    slow: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let cognito = stage.attack.chance(50);
    let form = if cognito { super::Form::draw(&mut stage.attack) } else { super::Form::Files };
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let plan = draw(&mut stage.world, &mut stage.attack, cognito);
    if !cognito {
        stage.world.web.role = Some(plan.role.clone());
    }
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let mut pumped = Pumped::default();
    people(&world, rng, &plan, &mut pumped);
    bots(&world, rng, &plan, &mut pumped);
    events.extend(pumped.events);
    let spam = rng.chance(50);
    let notice = notice(&world, rng, &plan, spam);
    let with_web = !cognito || rng.chance(40);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    stage.log("evidence/sns/sms-delivery.ndjson", Frame::LINES, None, pumped.deliveries);
    if with_web {
        let visits =
            Visits { count: 1000_u32.saturating_mul(stage.scales.hosts), span: (world.incident - 14 * HOUR, world.incident + 8 * HOUR) };
        stage.log("evidence/web1/access.log", Frame::LINES, Some(Box::new(visits)), pumped.hits);
    }
    stage.parts.extend(inventory::write(&world, &[80, 443]));
    let category = if spam { Category::Spam } else { Category::Other };
    let outcome = Outcome::new(category, CauseKind::FormDrivenByBots, Factor::Misconfiguration, Verdict::Confirmed, notice);
    outcome.by(plan.bots, Vec::new())
}

fn draw(world: &mut World, rng: &mut Rng, cognito: bool) -> Plan {
    let mut bots = world.intruders.clone();
    for _ in 0..rng.range(4, 12) {
        bots.push(world.take_address(rng));
    }
    Plan {
        cognito,
        pool: format!("{}_{}", world.region, rng.alnum(9)),
        client: rng.chars(26, b"abcdefghijklmnopqrstuvwxyz0123456789"),
        role: (format!("{}-web-role", world.company), format!("AROA{}EXAMPLE", rng.upper(10))),
        path: rng.pick(&["/api/signup", "/member/register", "/v1/sms-code", "/account/verify-phone"]),
        agent: rng.pick(AGENTS),
        bots,
        // Set aside for examples and drama.
        prefix: rng.pick(&["+447700900", "+6149157", "+1202555"]),
        acts: world.incident,
        count: rng.range(70, 160),
        slow: rng.chance(35),
    }
}

/// What sign-ups leave behind.
#[derive(Debug, Default)]
struct Pumped {
    events: Vec<Event>,
    hits: Vec<Record>,
    deliveries: Vec<Record>,
}

/// A sign-up: when, from where, with what, and to which number the code goes.
struct SignUp<'a> {
    at: Second,
    from: &'a str,
    agent: &'a str,
    number: String,
}

impl Pumped {
    fn add(&mut self, world: &World, rng: &mut Rng, plan: &Plan, signup: &SignUp<'_>, mark: impl Fn(Record, usize) -> Record) {
        let SignUp { at, from, agent, number } = signup;
        let event = if plan.cognito { cognito(world, rng, plan, signup) } else { publish(world, rng, plan, *at) };
        self.events.push(Event { record: mark(event.record, 0), ..event });
        let request = format!("POST {}", plan.path);
        self.hits.push(mark(weblog::line(Hit { at: *at, from, request: &request, status: 200, bytes: 64, agent }), 1));
        self.deliveries.push(mark(delivery(rng, *at + 2, number), 2));
    }
}

/// A sign-up as Amazon Cognito records it; who signs up has no credentials.
fn cognito(world: &World, rng: &mut Rng, plan: &Plan, signup: &SignUp<'_>) -> Event {
    let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
    let name = if rng.chance(70) { "SignUp" } else { "ResendConfirmationCode" };
    let request = json!({"clientId": plan.client, "username": hidden, "password": hidden, "userAttributes": hidden});
    let answer = json!({"userConfirmed": false, "codeDeliveryDetails": {"destination": hidden, "deliveryMedium": "SMS", "attributeName": "phone_number"}});
    let caller = Caller::new(json!({"type": "Unknown", "principalId": "Anonymous"}), signup.from, signup.agent);
    let mut call = caller.call(world, signup.at, "cognito-idp", name).with(request, answer);
    call.additional = json!({"sub": rng.uuid(), "userPoolId": plan.pool});
    call.event(world, rng)
}

/// The web server has the code sent.
fn publish(world: &World, rng: &mut Rng, plan: &Plan, at: Second) -> Event {
    let identity = trail::instance_role(world, &world.web, (&plan.role.0, &plan.role.1), at);
    let hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
    let request = json!({"phoneNumber": hidden, "message": hidden, "messageAttributes": {"AWS.SNS.SMS.SMSType": {"dataType": "String", "stringValue": "Transactional"}}});
    let mut call = Caller::new(identity, &world.web.public, BATCH_AGENT)
        .call(world, at, "sns", "Publish")
        .with(request, json!({"messageId": rng.uuid()}));
    call.data = true;
    let endpoint = format!("arn:aws:sns:{}:{}:PhoneNumber", world.region, world.account);
    call.on(world.account, "AWS::SNS::PhoneNumber", &endpoint).event(world, rng)
}

/// What Amazon SNS notes when a message has gone out.
fn delivery(rng: &mut Rng, at: Second, number: &str) -> Record {
    let stamp = clock::iso(at).replace('T', " ").replace('Z', "");
    let entry = json!({
        "notification": {"messageId": rng.uuid(), "timestamp": format!("{stamp}.{:03}", rng.range(0, 999))},
        "delivery": {
            "mnc": 0, "numberOfMessageParts": 1, "destination": number, "priceInUSD": 0.0645, "smsType": "Transactional", "mcc": 0,
            "providerResponse": "Message has been accepted by phone carrier", "dwellTimeMs": rng.range(300, 2000)
        },
        "status": "SUCCESS"
    });
    Record::plain(at, entry.to_string())
}

/// People who sign up, now and then.
fn people(world: &World, rng: &mut Rng, plan: &Plan, pumped: &mut Pumped) {
    for _ in 0..rng.range(8, 20) {
        let at = world.incident + rng.range(-13 * HOUR, 7 * HOUR);
        let from = rng.stranger().to_string();
        let signup = SignUp { at, from: &from, agent: weblog::browser(rng), number: format!("+8190{}", rng.chars(8, b"0123456789")) };
        pumped.add(world, rng, plan, &signup, |record, _| record.decoy("somebody who really signs up, once"));
    }
}

fn bots(world: &World, rng: &mut Rng, plan: &Plan, pumped: &mut Pumped) {
    let mut at = plan.acts;
    let first = rng.range(100, 400);
    for n in 0..plan.count {
        // Each of them comes up, whatever the seed.
        let turn = usize::try_from(n).unwrap_or(0);
        let from = if turn < plan.bots.len() { plan.bots.get(turn) } else { plan.bots.get(rng.index(plan.bots.len())) };
        let number = format!("{}{:03}", plan.prefix, (first + n * 7) % 1000);
        let signup = SignUp { at, from: from.map_or("203.0.113.1", String::as_str), agent: plan.agent, number };
        pumped.add(world, rng, plan, &signup, |record, place| match (n, place) {
            (0, 0) => record.because("the bots begin to sign up"),
            (0, 1) => record.because("the first request of the bots"),
            (0, 2) => record.because("the first text message that the bots cause"),
            _ => record,
        });
        at += if plan.slow { rng.range(30, 100) } else { rng.range(1, 6) };
    }
}

fn notice(world: &World, rng: &mut Rng, plan: &Plan, spam: bool) -> Vec<u8> {
    let at = plan.acts + rng.range(200, 400);
    let region = world.region.to_owned();
    let implicated = if plan.cognito {
        Implicated { label: "Cognito User Pool Id", id: plan.pool.clone(), address: None, region, at }
    } else {
        Implicated { label: "EC2 Instance Id", id: world.web.instance.clone(), address: Some(world.web.public.clone()), region, at }
    };
    let excerpt = vec![
        "Subscribers of ours receive text messages with codes that they never asked for.".to_owned(),
        String::new(),
        format!("{}  {}xxx  \"Your verification code is ...\"  sender: {}", clock::iso(at), plan.prefix, world.company),
    ];
    let sent = at + rng.range(4 * HOUR, 9 * HOUR);
    let category = if spam { Category::Spam } else { Category::Other };
    letters::abuse(world, rng, &Abuse { category, implicated: vec![implicated], facts: Vec::new(), excerpt, sent })
}
