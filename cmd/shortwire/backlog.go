package main

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/shortwire/shortwire/bounce"
)

// backlogCollector tells Prometheus what waits for a person, a wallet or a bank,
// whichever gateway it came in by. The database is asked at each scrape.
type backlogCollector struct{ desk *bounce.Desk }

var (
	casesDesc    = metricDesc("manual_cases", "Cases that wait for a person.", "account")
	heldDesc     = metricDesc("held_transfers", "Transfers that wait for their wallet.", "account")
	overdueDesc  = metricDesc("held_overdue_seconds", "How long the first held transfer is past its deadline; 0: none is.", "account")
	paymentsDesc = metricDesc("payments_open", "Payments that are not final, by what they wait for.", "account", "waiting")
	oldestDesc   = metricDesc("payments_oldest_seconds", "Age of the oldest payment that is not final; 0: none.", "account")
	jobsDesc     = metricDesc("job_last_success_timestamp_seconds", "When a job of this process last did its work.", "job")
)

// Describe names the metrics.
func (c *backlogCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{casesDesc, heldDesc, overdueDesc, paymentsDesc, oldestDesc} {
		out <- d
	}
}

// Collect reads them. A database that does not answer leaves the backlog out.
func (c *backlogCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	backlogs, err := c.desk.Backlogs(ctx)
	if err != nil {
		return
	}
	for _, b := range backlogs {
		gauge(out, casesDesc, float64(b.Cases), b.Account)
		gauge(out, heldDesc, float64(b.Held), b.Account)
		gauge(out, overdueDesc, b.Overdue.Seconds(), b.Account)
		gauge(out, paymentsDesc, float64(b.Pending), b.Account, "job")
		gauge(out, paymentsDesc, float64(b.Sent), b.Account, "bank")
		gauge(out, oldestDesc, b.Oldest.Seconds(), b.Account)
	}
}

// jobCollector tells when the jobs of this process last did their work: one that
// fails, or is never done in time, stands still.
type jobCollector struct{ schedule *bounce.Schedule }

// Describe names the metric.
func (c *jobCollector) Describe(out chan<- *prometheus.Desc) { out <- jobsDesc }

// Collect reads it.
func (c *jobCollector) Collect(out chan<- prometheus.Metric) {
	for job, last := range c.schedule.LastSuccess() {
		gauge(out, jobsDesc, float64(last.UnixMilli())/1000, job)
	}
}
