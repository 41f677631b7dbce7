//! Detections, Sigma, whose address when, and the verdict on what is reported.
