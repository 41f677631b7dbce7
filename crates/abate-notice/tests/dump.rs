#[test]
fn dump() {
    let Ok(path) = std::env::var("DUMP") else { return };
    for path in path.split_whitespace() {
        let bytes = std::fs::read(path).unwrap();
        let ctx = abate_notice::ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() };
        match abate_notice::read(&bytes, &ctx) {
            Ok(mut n) => {
                if std::env::var("SHORT").is_ok() {
                    n.body = String::new();
                    n.reporter = n.reporter.map(|r| format!("{} bytes", r.len()));
                }
                println!("=== {path}\n{}", serde_json::to_string_pretty(&n).unwrap())
            }
            Err(e) => println!("=== {path}\n{e}"),
        }
    }
}
