package config

// Risk is a setting that is meant for tests and is dangerous elsewhere.
type Risk struct {
	Setting string // how the file calls it, such as "test_endpoints"
	Why     string // half a sentence
}

// Risks returns the dangerous settings that are made, so that nobody has them in
// force without knowing.
func (c *Config) Risks() []Risk {
	var risks []Risk
	if c.TestEndpoints {
		risks = append(risks, Risk{"test_endpoints", "whoever has a token of role exchange can invent money with the calls under /admin/add-*"})
	}
	return risks
}
