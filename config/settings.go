package config

import "github.com/shortwire/shortwire/gateway/camt"

// The keys of each table, in the order in which the dump shows them. What they
// mean stands at the fields.

func (c *Config) settings() []setting {
	return []setting{
		textSetting("listen", &c.Listen),
		textSetting("internal_listen", &c.InternalListen),
		textSetting("base_url", &c.BaseURL),
		textSetting("data_dir", &c.DataDir),
		levelSetting("log_level", &c.LogLevel),
		truthSetting("legacy_subjects", &c.LegacySubjects),
		truthSetting("test_endpoints", &c.TestEndpoints),
		sizeSetting("bank_body_limit", &c.BankBodyLimit),
		durationSetting("long_poll_limit", &c.LongPollLimit),
		durationSetting("outgoing_lease", &c.OutgoingLease),
		durationSetting("retention", &c.Retention),
		durationSetting("minimum_registration_lifetime", &c.MinimumRegistrationLifetime),
	}
}

func (d *Database) settings() []setting {
	url := textSetting("url", &d.URL)
	url.get = func() any { return d.Redacted() }
	return []setting{
		url,
		numberSetting("max_connections", &d.MaxConnections),
		textSetting("statement_cache", &d.StatementCache),
	}
}

func (w *ProofOfWork) settings() []setting {
	return []setting{
		truthSetting("enabled", &w.Enabled),
		numberSetting("base_difficulty", &w.BaseDifficulty),
		decimalSetting("knee", &w.Knee),
		decimalSetting("slope", &w.Slope),
		numberSetting("doublings", &w.Doublings),
		durationSetting("horizon", &w.Horizon),
		durationSetting("smoothing", &w.Smoothing),
		durationSetting("halving", &w.Halving),
		durationSetting("grace_window", &w.GraceWindow),
		decimalSetting("grace_share", &w.GraceShare),
		numberSetting("row_budget", &w.RowBudget),
		durationSetting("proof_reuse", &w.ProofReuse),
		sizeSetting("memory", &w.Memory),
		numberSetting("time", &w.Time),
		numberSetting("sub_proofs", &w.SubProofs),
		numberSetting("seal_bits", &w.SealBits),
	}
}

// proofSettings are those of the table at the top, which also knows the verifier
// that all accounts share.
func (c *Config) proofSettings() []setting {
	return append(c.ProofOfWork.settings(),
		numberSetting("verifiers", &c.Verifiers),
		numberSetting("verifier_queue", &c.VerifierQueue),
	)
}

func (a *Account) settings() []setting {
	return []setting{
		textSetting("name", &a.Name),
		textSetting("method", &a.Method),
		textSetting("currency", &a.Currency),
		paytoSetting("payto", &a.Payto),
		durationSetting("registration_lifetime", &a.RegistrationLifetime),
		amountSetting("minimum_extension_amount", &a.MinimumExtensionAmount),
		durationSetting("quarantine", &a.Quarantine),
		durationSetting("crowded_lifetime", &a.CrowdedLifetime),
		durationSetting("unused_quarantine", &a.UnusedQuarantine),
		durationSetting("hold_delay", &a.HoldDelay),
		truthSetting("legacy_subjects", &a.LegacySubjects),
		textSetting("bank_csv", &a.BankCSV),
		truthSetting("csv_whole_days", &a.CSVWholeDays),
		textSetting("mt940_account", &a.MT940Account),
		textSetting("mt940_reference", &a.MT940Reference),
		textSetting("bank_charset", &a.BankCharset),
		textSetting("payment_order", &a.PaymentOrder),
		listSetting("credit_messages", &a.CreditMessages, camt.Kinds()),
		listSetting("quirks", &a.Quirks, camt.Quirks()),
	}
}

func (t *Token) settings() []setting {
	return []setting{
		textSetting("name", &t.Name),
		textSetting("role", &t.Role),
		textSetting("account", &t.Account),
	}
}
