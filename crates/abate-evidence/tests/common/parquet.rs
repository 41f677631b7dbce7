//! Writes Parquet files out of JSON rows, with the writer of the library that the reader uses.

use std::sync::Arc;

use parquet::basic::{Compression, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use serde_json::Value;

/// A file with one row group for each list of rows.
pub fn file(schema: &str, groups: &[&[Value]], compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::clone(&schema), properties).unwrap();
    for rows in groups {
        let mut group = writer.next_row_group().unwrap();
        let mut leaves = Vec::new();
        for field in schema.get_fields() {
            paths(field, &mut vec![field.as_ref()], &mut leaves);
        }
        for path in leaves {
            let mut cells = Cells::default();
            for row in *rows {
                cells.shred(row.get(path[0].name()), &path, 0, 0, 0);
            }
            let mut column = group.next_column().unwrap().unwrap();
            let (def, rep) = (Some(&cells.def[..]), Some(&cells.rep[..]));
            let texts = || cells.values.iter().map(|v| ByteArray::from(v.as_str().unwrap())).collect::<Vec<_>>();
            let numbers = || cells.values.iter().map(|v| v.as_i64().unwrap()).collect::<Vec<_>>();
            let _ = match path.last().unwrap().get_physical_type() {
                Physical::BYTE_ARRAY => column.typed::<ByteArrayType>().write_batch(&texts(), def, rep).unwrap(),
                Physical::INT64 => column.typed::<Int64Type>().write_batch(&numbers(), def, rep).unwrap(),
                Physical::INT32 => {
                    let small: Vec<i32> = numbers().into_iter().map(|n| n as i32).collect();
                    column.typed::<Int32Type>().write_batch(&small, def, rep).unwrap()
                }
                Physical::BOOLEAN => {
                    let truths: Vec<bool> = cells.values.iter().map(|v| v.as_bool().unwrap()).collect();
                    column.typed::<BoolType>().write_batch(&truths, def, rep).unwrap()
                }
                other => panic!("{other}"),
            };
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn paths<'t>(node: &'t Type, path: &mut Vec<&'t Type>, leaves: &mut Vec<Vec<&'t Type>>) {
    if node.is_primitive() {
        return leaves.push(path.clone());
    }
    for field in node.get_fields() {
        path.push(field);
        paths(field, path, leaves);
        path.pop();
    }
}

#[derive(Default)]
struct Cells {
    values: Vec<Value>,
    def: Vec<i16>,
    rep: Vec<i16>,
}

impl Cells {
    /// Takes the value of one field apart into levels. Lists have the usual three parts: the list, `list`, `element`.
    fn shred(&mut self, value: Option<&Value>, path: &[&Type], def: i16, rep: i16, repeats: i16) {
        let node = path[0];
        let optional = node.get_basic_info().repetition() == Repetition::OPTIONAL;
        let Some(value) = value.filter(|v| !v.is_null()) else {
            assert!(optional, "{} is required", node.name());
            self.def.push(def);
            self.rep.push(rep);
            return;
        };
        let def = def + i16::from(optional);
        if path.len() == 1 {
            self.values.push(value.clone());
            self.def.push(def);
            self.rep.push(rep);
        } else if path[1].get_basic_info().repetition() == Repetition::REPEATED {
            let list = value.as_array().unwrap();
            if list.is_empty() {
                self.def.push(def);
                self.rep.push(rep);
            }
            for (n, element) in list.iter().enumerate() {
                self.shred(Some(element), &path[2..], def + 1, if n == 0 { rep } else { repeats + 1 }, repeats + 1);
            }
        } else {
            self.shred(value.get(path[1].name()), &path[1..], def, rep, repeats);
        }
    }
}

const FLOW: &str = "message m {
    OPTIONAL INT32 version; OPTIONAL BYTE_ARRAY account_id (UTF8); OPTIONAL BYTE_ARRAY interface_id (UTF8);
    OPTIONAL BYTE_ARRAY srcaddr (UTF8); OPTIONAL BYTE_ARRAY dstaddr (UTF8); OPTIONAL INT32 srcport; OPTIONAL INT32 dstport;
    OPTIONAL INT64 protocol; OPTIONAL INT64 packets; OPTIONAL INT64 bytes; OPTIONAL INT64 start; OPTIONAL INT64 end;
    OPTIONAL BYTE_ARRAY action (UTF8); OPTIONAL BYTE_ARRAY log_status (UTF8); }";

const OCSF: &str = "message m {
    OPTIONAL INT32 class_uid; OPTIONAL BYTE_ARRAY class_name (UTF8); OPTIONAL INT64 time; OPTIONAL INT64 time_dt (TIMESTAMP_MICROS);
    OPTIONAL group metadata { OPTIONAL BYTE_ARRAY version (UTF8); OPTIONAL BYTE_ARRAY uid (UTF8);
        OPTIONAL group product { OPTIONAL BYTE_ARRAY name (UTF8); } }
    OPTIONAL group api { OPTIONAL BYTE_ARRAY operation (UTF8); OPTIONAL group service { OPTIONAL BYTE_ARRAY name (UTF8); } }
    OPTIONAL group cloud { OPTIONAL BYTE_ARRAY region (UTF8); OPTIONAL group account { OPTIONAL BYTE_ARRAY uid (UTF8); } }
    OPTIONAL group src_endpoint { OPTIONAL BYTE_ARRAY ip (UTF8); OPTIONAL INT32 port; }
    OPTIONAL group query { OPTIONAL BYTE_ARRAY hostname (UTF8); OPTIONAL BYTE_ARRAY type (UTF8); }
    OPTIONAL group answers (LIST) { REPEATED group list { OPTIONAL group element { OPTIONAL BYTE_ARRAY rdata (UTF8); } } }
    OPTIONAL BOOLEAN is_mfa; }";

const CALLS: &str = "message m { OPTIONAL BYTE_ARRAY eventtime (UTF8); OPTIONAL BYTE_ARRAY eventname (UTF8);
    OPTIONAL BYTE_ARRAY eventsource (UTF8); OPTIONAL BYTE_ARRAY sourceipaddress (UTF8); }";

fn rows(text: &str) -> Vec<Value> {
    text.lines().filter(|l| !l.trim().is_empty()).map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// Flow logs, in two row groups.
pub fn flows() -> Vec<u8> {
    let one = rows(
        r#"{"version":2,"account_id":"111122223333","interface_id":"eni-1","srcaddr":"203.0.113.9","dstaddr":"192.0.2.1","srcport":40000,"dstport":22,"protocol":6,"packets":10,"bytes":840,"start":1763600400,"end":1763600460,"action":"REJECT","log_status":"OK"}
{"version":2,"account_id":"111122223333","interface_id":"eni-1","start":1763600460,"end":1763600520,"log_status":"NODATA"}"#,
    );
    let two = rows(
        r#"{"version":2,"account_id":"111122223333","interface_id":"eni-1","srcaddr":"192.0.2.1","dstaddr":"nowhere","start":1763600520,"end":1763600580,"action":"ACCEPT","log_status":"OK"}
{"version":2,"account_id":"111122223333","interface_id":"eni-1","srcaddr":"192.0.2.1","dstaddr":"203.0.113.10","srcport":443,"dstport":50000,"protocol":6,"packets":1,"bytes":40,"start":1763600520,"end":1763600580,"action":"ACCEPT","log_status":"OK"}"#,
    );
    file(FLOW, &[&one, &two], Compression::SNAPPY)
}

/// Records of Security Lake: a call, a DNS query, a class that no table has.
pub fn lake() -> Vec<u8> {
    let all = rows(
        r#"{"class_uid":6003,"class_name":"API Activity","time":1763600400000,"time_dt":1763600400123456,"metadata":{"version":"1.1.0","uid":"e1","product":{"name":"CloudTrail"}},"api":{"operation":"RunInstances","service":{"name":"ec2.amazonaws.com"}},"cloud":{"region":"us-east-1","account":{"uid":"111122223333"}},"src_endpoint":{"ip":"203.0.113.9"},"is_mfa":true}
{"class_uid":4003,"class_name":"DNS Activity","time":1763600401000,"metadata":{"version":"1.1.0","product":{"name":"Route 53"}},"query":{"hostname":"example.com.","type":"A"},"answers":[{"rdata":"192.0.2.7"},{"rdata":"192.0.2.8"}],"src_endpoint":{"ip":"192.0.2.1","port":5353}}
{"class_uid":1001,"class_name":"File System Activity","time":1763600402000,"metadata":{"version":"1.1.0"},"answers":[]}"#,
    );
    file(OCSF, &[&all], Compression::ZSTD(ZstdLevel::default()))
}

/// A flattened table of CloudTrail, with columns that the other forms of compression have.
pub fn calls() -> Vec<u8> {
    let all = rows(
        r#"{"eventtime":"2026-11-20T01:00:00Z","eventname":"StopLogging","eventsource":"cloudtrail.amazonaws.com","sourceipaddress":"203.0.113.9"}
{"eventtime":"2026-11-20T01:00:01Z","eventname":null,"eventsource":"iam.amazonaws.com"}"#,
    );
    file(CALLS, &[&all], Compression::GZIP(Default::default()))
}

/// Columns that nobody knows.
pub fn unknown() -> Vec<u8> {
    file(
        "message m { OPTIONAL INT32 a; OPTIONAL BYTE_ARRAY b (UTF8); }",
        &[&rows("{\"a\":1,\"b\":\"x\"}\n{\"a\":2}")],
        Compression::LZ4_RAW,
    )
}

/// Flow logs of an interval in which nothing was written: a row group without rows.
pub fn no_flows() -> Vec<u8> {
    file(FLOW, &[&[]], Compression::GZIP(Default::default()))
}

/// A request of CloudFront's standard logs (v2), whose names have underscores here.
pub fn cloudfront() -> Vec<u8> {
    file(
        "message m { OPTIONAL BYTE_ARRAY date (UTF8); OPTIONAL BYTE_ARRAY time (UTF8); OPTIONAL BYTE_ARRAY x_edge_location (UTF8);
            OPTIONAL BYTE_ARRAY c_ip (UTF8); OPTIONAL BYTE_ARRAY cs_method (UTF8); OPTIONAL BYTE_ARRAY cs_host (UTF8);
            OPTIONAL BYTE_ARRAY cs_uri_stem (UTF8); OPTIONAL BYTE_ARRAY cs_uri_query (UTF8); OPTIONAL BYTE_ARRAY sc_status (UTF8);
            OPTIONAL BYTE_ARRAY cs_user_agent (UTF8); OPTIONAL BYTE_ARRAY x_host_header (UTF8); }",
        &[&rows(
            r#"{"date":"2026-11-20","time":"01:02:03","x_edge_location":"NRT57-C1","c_ip":"203.0.113.9","cs_method":"GET","cs_host":"d111111abcdef8.cloudfront.net","cs_uri_stem":"/index.php","cs_uri_query":"id=1","sc_status":"200","cs_user_agent":"curl/8","x_host_header":"www.example.com"}"#,
        )],
        Compression::SNAPPY,
    )
}
