//! Ingests evidence into tables and answers the read port of the findings.
