package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shortwire/shortwire/subjects"
)

// marketCollector tells Prometheus what a subject costs and why, and how proofs
// fare in this process. Prices are read from the database at each scrape.
type marketCollector struct{ registry *subjects.Registry }

var (
	priceDesc    = metricDesc("price_difficulty", "Expected Argon2id evaluations for one subject; 0: free.", "account")
	blockedDesc  = metricDesc("subjects_blocked_ratio", "Share of the space that is live or in quarantine.", "account")
	pressureDesc = metricDesc("subjects_pressure_ratio", "Share of the space that is blocked or will be at the present rate.", "account")
	rateDesc     = metricDesc("registrations_accepted_per_second", "Accepted registrations that paid a price, smoothed.", "account")
	sealDesc     = metricDesc("proof_seal_bits", "Zero bits that a seal must have.", "account")
	proofsDesc   = metricDesc("proofs_total", "Proofs of work, by outcome.", "outcome")
	waitingDesc  = metricDesc("proof_verifier_waiting", "Proofs in the queue of the verifier.")
	workingDesc  = metricDesc("proof_verifier_working", "Proofs being evaluated.")
)

// Describe names the metrics.
func (c *marketCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{priceDesc, blockedDesc, pressureDesc, rateDesc, sealDesc, proofsDesc, waitingDesc, workingDesc} {
		out <- d
	}
}

// Collect reads them. A database that does not answer leaves the prices out.
func (c *marketCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	for _, a := range c.registry.Accounts() {
		if m, err := c.registry.Market(ctx, a); err == nil && m.Size > 0 {
			collectMarket(out, &m)
		}
	}
	s := c.registry.ProofStatistics()
	for outcome, n := range s.Outcomes {
		out <- prometheus.MustNewConstMetric(proofsDesc, prometheus.CounterValue, float64(n), subjects.ProofOutcome(outcome).String())
	}
	gauge(out, waitingDesc, float64(s.Waiting))
	gauge(out, workingDesc, float64(s.Working))
}

func collectMarket(out chan<- prometheus.Metric, m *subjects.Market) {
	gauge(out, priceDesc, float64(m.Difficulty), m.Account.Name)
	gauge(out, blockedDesc, float64(m.Blocked)/float64(m.Size), m.Account.Name)
	gauge(out, pressureDesc, m.Pressure, m.Account.Name)
	gauge(out, rateDesc, m.Rate, m.Account.Name)
	gauge(out, sealDesc, float64(m.SealBits), m.Account.Name)
}
