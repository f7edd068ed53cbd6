package client

import "context"

// Market is what the price of a subject comes from.
type Market struct {
	Document
	Difficulty        string  `json:"difficulty"` // "0": free
	BaseDifficulty    string  `json:"base_difficulty"`
	SealBits          int     `json:"seal_bits"`
	Blocked           uint64  `json:"blocked"`
	Size              uint64  `json:"size"`
	AcceptedPerSecond float64 `json:"accepted_per_second"`
	Pressure          float64 `json:"pressure"`
	Crowded           bool    `json:"crowded"`
}

// Terms are what an operator sets; an absent one goes back to the configuration.
type Terms struct {
	BaseDifficulty string `json:"base_difficulty,omitempty"`
	SealBits       *int   `json:"seal_bits,omitempty"`
}

// Market asks what the price of an account comes from.
func (c *Client) Market(ctx context.Context, account string) (Market, error) {
	var answer Market
	return answer, c.do(ctx, get("/admin/accounts/"+account+"/proof-of-work", nil, 0), &answer)
}

// SetTerms sets base price and seal of an account for all replicas.
func (c *Client) SetTerms(ctx context.Context, account string, t Terms) (Market, error) {
	var answer Market
	request, err := post("/admin/accounts/"+account+"/proof-of-work", t)
	if err != nil {
		return answer, err
	}
	return answer, c.do(ctx, request, &answer)
}
