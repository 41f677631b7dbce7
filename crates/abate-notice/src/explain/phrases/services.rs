//! Services by their port and by the short names that vulnerability reports use. Only what is common in notices.

use abate_model::Text;

/// A service that reports name.
pub(in crate::explain) struct Service {
    /// parts of short names, lower case
    pub names: &'static [&'static str],
    /// its usual ports
    pub ports: &'static [u16],
    /// what it is
    pub is: Text,
}

const fn service(names: &'static [&'static str], ports: &'static [u16], is: Text) -> Service {
    Service { names, ports, is }
}

/// The services.
pub(in crate::explain) static SERVICES: &[Service] = &[
    service(
        &["portmapper", "rpcbind"],
        &[111],
        Text::fixed("portmapper, a directory of network services", "ポートマッパー、ネットワークサービスの案内役"),
    ),
    service(&["openresolver", "open_resolver", "dns"], &[53], Text::fixed("DNS, name lookup", "DNS、名前解決")),
    service(&["ntp"], &[123], Text::fixed("NTP, setting of clocks", "NTP、時刻合わせ")),
    service(&["memcached"], &[11_211], Text::fixed("memcached, a memory store for programs", "memcached、プログラム用のメモリー保存領域")),
    service(&["ssdp", "upnp"], &[1_900], Text::fixed("SSDP, search for devices in the local network", "SSDP、構内ネットワークの機器探索")),
    service(&["snmp"], &[161], Text::fixed("SNMP, supervision of devices", "SNMP、機器の監視")),
    service(&["cldap", "ldap"], &[389], Text::fixed("LDAP, a directory of users", "LDAP、利用者情報の管理")),
    service(&["netbios"], &[137, 138, 139], Text::fixed("NetBIOS, old Windows networking", "NetBIOS、旧来の Windows ネットワーク")),
    service(&["smb"], &[445], Text::fixed("SMB, Windows file sharing", "SMB、Windows のファイル共有")),
    service(&["mdns"], &[5_353], Text::fixed("mDNS, name lookup in the local network", "mDNS、構内ネットワークの名前解決")),
    service(&["chargen"], &[19], Text::fixed("chargen, an old test service", "chargen、旧式のテスト用サービス")),
    service(&["redis"], &[6_379], Text::fixed("Redis, a database", "Redis、データベース")),
    service(&["mongodb"], &[27_017], Text::fixed("MongoDB, a database", "MongoDB、データベース")),
    service(&["elasticsearch"], &[9_200], Text::fixed("Elasticsearch, a search service", "Elasticsearch、検索サービス")),
    service(&["postgres"], &[5_432], Text::fixed("PostgreSQL, a database", "PostgreSQL、データベース")),
    service(&["mysql"], &[3_306], Text::fixed("MySQL, a database", "MySQL、データベース")),
    service(&["mssql"], &[1_433], Text::fixed("SQL Server, a database", "SQL Server、データベース")),
    service(&["docker"], &[2_375], Text::fixed("Docker's control port", "Docker の管理用ポート")),
    service(&["rdp"], &[3_389], Text::fixed("RDP, remote desktop of Windows", "RDP、Windows のリモートデスクトップ")),
    service(&["telnet"], &[23], Text::fixed("Telnet, unencrypted sign-in", "Telnet、暗号化されないログイン")),
    service(&["ssh"], &[22], Text::fixed("SSH, sign-in to servers", "SSH、サーバーへのログイン")),
    service(&["ftp"], &[21], Text::fixed("FTP, file transfer", "FTP、ファイル転送")),
    service(&["smtp"], &[25, 465, 587], Text::fixed("mail delivery", "メール送信")),
    service(
        &["irc"],
        &[6_667],
        Text::fixed("IRC, chat; also used to steer infected servers", "IRC、感染した機器の操作にも使われるチャット"),
    ),
    service(
        &["proxy", "squid"],
        &[1_080, 3_128, 8_080],
        Text::fixed("often a proxy, which passes on traffic", "通信を中継するプロキシに多い番号"),
    ),
    service(&[], &[80], Text::fixed("websites", "ウェブサイト")),
    service(&[], &[443], Text::fixed("encrypted websites", "暗号化されたウェブサイト")),
    service(
        &["cve-2025-55182", "react2shell"],
        &[],
        Text::fixed(
            "React2Shell, a hole in web applications built with React, by which strangers run programs on the server",
            "React2Shell、React を使ったウェブアプリの弱点で、第三者がサーバー上でプログラムを実行できる",
        ),
    ),
    service(
        &["dot_env", "dotenv"],
        &[],
        Text::fixed("a search for .env files, in which passwords often stand", "パスワードが書かれていることの多い .env ファイルの探索"),
    ),
];
