package config

// Idle is a setting that somebody made and that has no effect yet.
type Idle struct {
	Setting string // how the file calls it, such as "test_endpoints"
	Why     string // half a sentence about this version
}

// Idle returns the settings that differ from their defaults for nothing, so
// that nobody relies on them: they are made for parts of the gateway that this
// version does not have.
func (c *Config) Idle() []Idle {
	var idle []Idle
	if c.TestEndpoints {
		idle = append(idle, Idle{"test_endpoints", "this version has no calls under /admin/add-*"})
	}
	return idle
}
