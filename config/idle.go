package config

import "fmt"

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
	if !c.ProofOfWork.Enabled {
		idle = append(idle, Idle{"proof_of_work.enabled", "this version asks for no proof of work anyway"})
	}
	for _, t := range c.Tokens {
		if t.Role == RoleOperator {
			idle = append(idle, Idle{fmt.Sprintf("token %q", t.Name), "in this version the role operator opens nothing"})
		}
	}
	return idle
}
