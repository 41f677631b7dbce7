//! Reads an abuse notice (mail, pasted text, AWS Health event, own finding) into a Notice.
