//! A leaked key is used to run somebody else's models in Amazon Bedrock, thousands of tokens at a time.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};
use serde_json::{Value, json};

use super::Scenario;
use crate::background::BATCH_AGENT;
use crate::clock::{DAY, HOUR, Second};
use crate::confounders::{self, Kind};
use crate::credential_report::{self, Row};
use crate::folder::Record;
use crate::guardduty::{self, Finding};
use crate::letters;
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::trail::{self, Call, Caller, Event};
use crate::world::{User, World};

pub(super) static SCENARIO: Scenario = Scenario {
    id: "leaked-key-models",
    title: Text::fixed("AI models used with a leaked key", "漏えいしたキーによる生成 AI モデルの不正利用"),
    summary: Text::fixed(
        "The access key of an application is used from strangers' addresses: they try which models answer, ask for access to more, and then run them for hours. The company uses a model itself, which is innocent.",
        "アプリケーションのアクセスキーが第三者のアドレスから使われます。応答するモデルを試し、さらに利用を申請し、何時間も実行し続けます。会社自身によるモデルの利用は無関係です。",
    ),
    build,
};

const REGIONS: &[&str] = &["us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"];
const MODELS: &[&str] = &[
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "anthropic.claude-3-opus-20240229-v1:0",
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "meta.llama3-1-405b-instruct-v1:0",
    "mistral.mistral-large-2407-v1:0",
];
const AGENTS: &[&str] = &[
    "Boto3/1.34.131 md/Botocore#1.34.131 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.2 md/pyimpl#CPython cfg/retry-mode#legacy",
    "aws-sdk-js/3.614.0 ua/2.0 os/linux#5.15.0 lang/js md/nodejs#20.11.0 api/bedrock-runtime#3.614.0",
    "Python/3.11 aiohttp/3.9.5",
];

/// What this drill is about.
struct Plan {
    victim: User,
    agent: &'static str,
    regions: Vec<&'static str>,
    model: &'static str,
    /// when the long use begins
    acts: Second,
    slow: bool,
}

fn build(stage: &mut Stage) -> Outcome {
    let form = super::Form::draw(&mut stage.attack);
    let mut events = confounders::some(stage, &Kind::ALL, 4);
    let world = stage.world.clone();
    let rng = &mut stage.attack;
    let plan = draw(&world, rng);
    events.extend(own_use(&world, rng));
    events.extend(usual(&world, rng, &plan));
    events.extend(trials(&world, rng, &plan));
    events.extend(use_of_models(&world, rng, &plan));
    let seen = if rng.chance(50) { vec![(world.region.to_owned(), noticed(&world, rng, &plan))] } else { Vec::new() };
    let (taken, sent) = (rng.chance(60), plan.acts + rng.range(5 * HOUR, 12 * HOUR));
    let notice = letters::model(&world, rng, sent, taken);

    super::trail_as(stage, form, super::NO_BUILDS, events);
    super::findings(stage, seen);
    let region = plan.regions.first().copied().unwrap_or("us-east-1");
    let row = Row {
        user: &plan.victim,
        made: world.incident - 260 * DAY,
        password: None,
        mfa: false,
        key: Some((true, plan.acts + 3 * HOUR, region, "bedrock")),
    };
    stage.file("evidence/credential_report.csv", credential_report::write(&world, world.incident + 11 * HOUR, &[row]));
    let outcome = Outcome::new(Category::ModelAbuse, CauseKind::KeyLeakUnknownPlace, Factor::Unknown, Verdict::Confirmed, notice);
    outcome.by(vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()], vec![world.user_arn(&plan.victim.name)])
}

fn draw(world: &World, rng: &mut Rng) -> Plan {
    let mut regions = REGIONS.to_vec();
    regions.swap_remove(rng.index(regions.len()));
    if rng.chance(50) {
        regions.truncate(2);
    }
    Plan {
        victim: User::new(rng.pick(&["chatbot-poc", "app-backend", "ml-notebook", "iam-dev-shared"]).to_owned(), rng),
        agent: rng.pick(AGENTS),
        regions,
        model: rng.pick(MODELS),
        acts: world.incident + rng.range(600, 3 * HOUR),
        slow: rng.chance(40),
    }
}

fn region(rng: &mut Rng, plan: &Plan) -> &'static str {
    rng.pick(&plan.regions)
}

/// The company's batch server sums up texts with a small model of Amazon's, every hour.
fn own_use(world: &World, rng: &mut Rng) -> Vec<Event> {
    let mut events = Vec::new();
    for n in 0..rng.range(20, 34) {
        let at = world.incident - 40 * HOUR + n * 5400 + rng.range(0, 900);
        let caller = Caller::new(trail::batch_role(world, at), &world.batch.public, BATCH_AGENT);
        let call = caller.call(world, at, "bedrock", "InvokeModel").with(json!({"modelId": "amazon.titan-text-lite-v1"}), Value::Null);
        events.push(call.event(world, rng).decoy("the company's own batch job, which sums up texts with a small model every hour"));
    }
    events
}

/// What the key was made for.
fn usual(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.victim), &world.office, crate::background::CI_AGENT);
    let mut events = Vec::new();
    for n in 0..rng.range(5, 12) {
        let at = world.incident - 50 * HOUR + n * 3 * HOUR + rng.range(0, 4000);
        let (service, name) = rng.pick(&[("s3", "ListBuckets"), ("dynamodb", "DescribeTable"), ("bedrock", "ListFoundationModels")]);
        events.push(caller.call(world, at, service, name).event(world, rng).aside());
    }
    events
}

fn invoke(world: &World, caller: &Caller, at: Second, (region, model): (&str, &str), name: &'static str) -> Call {
    caller.call(world, at, "bedrock", name).in_region(region).with(json!({"modelId": model}), Value::Null)
}

/// The strangers find out which models answer.
fn trials(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let caller = Caller::new(trail::user(world, &plan.victim), world.intruder(0), plan.agent);
    let mut at = world.incident;
    let mut events = Vec::new();
    if rng.chance(60) {
        events.push(caller.call(world, at, "sts", "GetCallerIdentity").event(world, rng));
    }
    for (n, place) in plan.regions.iter().enumerate() {
        for model in MODELS.iter().take(3) {
            at += rng.range(1, 6);
            // A length that cannot be served costs nothing and tells a working key from a useless one.
            let call = invoke(world, &caller, at, (place, model), "InvokeModel");
            let event = match rng.range(0, 2) {
                0 => call.refused("AccessDenied", "You don't have access to the model with the specified model ID.".to_owned()),
                1 => {
                    call.refused("ResourceNotFoundException", "Model use case details have not been submitted for this account.".to_owned())
                }
                _ => call.refused("ValidationException", "max_tokens_to_sample: range: 1..1,000,000".to_owned()),
            }
            .event(world, rng);
            events.push(if n == 0 && events.len() < 2 { event.because("strangers try with the key whether models answer") } else { event });
        }
        at += rng.range(2, 20);
        let logging = caller.call(world, at, "bedrock", "GetModelInvocationLoggingConfiguration").in_region(place).event(world, rng);
        events.push(if n == 0 { logging.because("they look whether prompts are recorded") } else { logging });
    }
    let place = plan.regions.first().copied().unwrap_or("us-east-1");
    let steps: [(&'static str, Value); 3] = [
        ("PutUseCaseForModelAccess", Value::Null),
        ("CreateFoundationModelAgreement", json!({"modelId": plan.model, "offerToken": "HIDDEN_DUE_TO_SECURITY_REASONS"})),
        ("PutFoundationModelEntitlement", json!({"modelId": plan.model})),
    ];
    for (n, (name, request)) in steps.into_iter().enumerate() {
        at += rng.range(3, 60);
        let event = caller.call(world, at, "bedrock", name).in_region(place).with(request, Value::Null).event(world, rng);
        events.push(if n == 1 { event.because("they agree to a model's terms in the company's name") } else { event });
    }
    events
}

fn use_of_models(world: &World, rng: &mut Rng, plan: &Plan) -> Vec<Event> {
    let (mut at, mut events) = (plan.acts, Vec::new());
    for n in 0..rng.range(80, 170) {
        let from = if n % 7 < 5 { world.intruder(1) } else { world.intruder(0) };
        let caller = Caller::new(trail::user(world, &plan.victim), from, plan.agent);
        let name = rng.pick(&["InvokeModelWithResponseStream", "InvokeModel", "ConverseStream"]);
        let call = invoke(world, &caller, at, (region(rng, plan), plan.model), name);
        let call = if rng.chance(6) {
            call.refused("ThrottlingException", "Too many requests, please wait before trying again.".to_owned())
        } else {
            call
        };
        let event = call.event(world, rng);
        events.push(if n == 0 { event.because("the long use of the model begins") } else { event });
        at += if plan.slow { rng.range(40, 150) } else { rng.range(1, 12) };
    }
    events
}

fn noticed(world: &World, rng: &mut Rng, plan: &Plan) -> Record {
    let finding = Finding {
        kind: "Impact:IAMUser/AnomalousBehavior",
        severity: 8.0,
        title: format!("User {} invoked APIs commonly used in Impact tactics in an anomalous way.", plan.victim.name),
        description: "APIs commonly used in Impact tactics were invoked under anomalous circumstances.".to_owned(),
        region: world.region.to_owned(),
        resource: guardduty::user_key(&plan.victim),
        action: guardduty::calls("bedrock", "InvokeModelWithResponseStream", world.intruder(1)),
        seen: (plan.acts, plan.acts + HOUR),
        count: rng.range(10, 90),
    };
    finding.record(world, rng).because("GuardDuty notices the unusual calls with the leaked key")
}
