package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shortwire/shortwire/subjects"
)

// marketLimit is what a scrape may wait for the database.
const marketLimit = 2 * time.Second

// marketCollector tells Prometheus what a subject costs and why, and how proofs
// fare in this process. Prices are read from the database at each scrape.
type marketCollector struct{ registry *subjects.Registry }

func marketDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("shortwire_"+name, help, labels, nil)
}

var (
	priceDesc    = marketDesc("price_difficulty", "Expected Argon2id evaluations for one subject; 0: free.", "account")
	blockedDesc  = marketDesc("subjects_blocked_ratio", "Share of the space that is live or in quarantine.", "account")
	pressureDesc = marketDesc("subjects_pressure_ratio", "Share of the space that is blocked or will be at the present rate.", "account")
	rateDesc     = marketDesc("registrations_accepted_per_second", "Accepted registrations that paid a price, smoothed.", "account")
	sealDesc     = marketDesc("proof_seal_bits", "Zero bits that a seal must have.", "account")
	proofsDesc   = marketDesc("proofs_total", "Proofs of work, by outcome.", "outcome")
	waitingDesc  = marketDesc("proof_verifier_waiting", "Proofs in the queue of the verifier.")
	workingDesc  = marketDesc("proof_verifier_working", "Proofs being evaluated.")
)

// Describe names the metrics.
func (c *marketCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{priceDesc, blockedDesc, pressureDesc, rateDesc, sealDesc, proofsDesc, waitingDesc, workingDesc} {
		out <- d
	}
}

// Collect reads them. A database that does not answer leaves the prices out.
func (c *marketCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), marketLimit)
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
	out <- prometheus.MustNewConstMetric(waitingDesc, prometheus.GaugeValue, float64(s.Waiting))
	out <- prometheus.MustNewConstMetric(workingDesc, prometheus.GaugeValue, float64(s.Working))
}

func collectMarket(out chan<- prometheus.Metric, m *subjects.Market) {
	gauge := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, m.Account.Name)
	}
	gauge(priceDesc, float64(m.Difficulty))
	gauge(blockedDesc, float64(m.Blocked)/float64(m.Size))
	gauge(pressureDesc, m.Pressure)
	gauge(rateDesc, m.Rate)
	gauge(sealDesc, float64(m.SealBits))
}
