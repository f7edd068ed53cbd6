package config

import (
	"fmt"
	"math"
	"time"

	"github.com/shortwire/shortwire/pow"
)

// ProofOfWork is what wallets must do before they are given a subject: the
// table [proof_of_work], and [account.proof_of_work] behind an [[account]] for
// what is different there. Methods that store nothing never ask for a proof.
// docs/proof-of-work.md explains the law of the price and its constants.
type ProofOfWork struct {
	// Enabled (`enabled`) makes subjects cost a proof. Default true; false gives
	// them to whoever asks, so that anybody can take them all.
	Enabled bool

	// BaseDifficulty (`base_difficulty`) is the price while there is plenty, in
	// evaluations of Argon2id: about a second of a computer, three of a phone.
	// Operators can change it at run time. Default 2048.
	BaseDifficulty int

	// Knee (`knee`) is the share of the space up to which the price stays at
	// its base. Default 0.25.
	Knee float64

	// Slope (`slope`) is how often the price doubles per whole space beyond the
	// knee. Steeper is not safer. Default 16, at most 64.
	Slope float64

	// Doublings (`doublings`) is the ceiling of the price: the base times two to
	// this power. Default 20, which is the most.
	Doublings int

	// Horizon (`horizon`) is how far ahead the present rate of registrations is
	// projected. Longer makes an attack dearer and a rush of honest wallets too.
	// Default "48h".
	Horizon time.Duration

	// Smoothing (`smoothing`) is how long a registration counts in that rate.
	// Default "2h".
	Smoothing time.Duration

	// Halving (`halving`) is the shortest time in which the price falls by one
	// half. Default "30m".
	Halving time.Duration

	// GraceWindow (`grace_window`) is how long a proof for a price that has risen
	// meanwhile is still taken. Default "30m"; "0s" for never.
	GraceWindow time.Duration

	// GraceShare (`grace_share`) is how many subjects, as a share of the space,
	// each such window gives out below the price, and never fewer than eight.
	// Default 0.002, at most 0.05.
	GraceShare float64

	// RowBudget (`row_budget`) is how many registrations the database may hold:
	// a larger space is priced as if it had this size. Default 10000000.
	RowBudget int

	// ProofReuse (`proof_reuse`) is how long a key that was registered before may
	// send its former proof again while the price has not risen above it.
	// Default "180d"; "0s" for ever, which is DD80 to the letter and makes
	// holding subjects an expense that is paid once.
	ProofReuse time.Duration

	// Memory (`memory`), Time (`time`) and SubProofs (`sub_proofs`) are the
	// parameters of Argon2id and the number of parts of a proof. Changing them
	// makes the proofs that wallets have worthless. Default "1MiB", 1 and 8.
	Memory    int64
	Time      int
	SubProofs int

	// SealBits (`seal_bits`) is what a forger pays before the gateway does:
	// that many zero bits of a cheap hash. Operators can raise it at run time.
	// Default 18, at most 22.
	SealBits int
}

// defaultProofOfWork has the defaults of package pow.
func defaultProofOfWork() ProofOfWork {
	law, grace := pow.DefaultLaw(), pow.DefaultGrace()
	return ProofOfWork{
		Enabled: true, BaseDifficulty: int(law.Base), Knee: law.Knee, Slope: law.Slope, Doublings: int(law.Doublings),
		Horizon: law.Horizon, Smoothing: law.Smoothing, Halving: law.Halving,
		GraceWindow: grace.Window, GraceShare: grace.Share, RowBudget: int(law.RowBudget), ProofReuse: 180 * day,
		Memory: pow.DefaultMemoryKiB << 10, Time: pow.DefaultTime, SubProofs: pow.DefaultSubProofs, SealBits: pow.DefaultSealBits,
	}
}

// Law is the price law that the table describes.
func (w *ProofOfWork) Law() pow.Law {
	return pow.Law{
		Base: uint64(max(0, w.BaseDifficulty)), Knee: w.Knee, Slope: w.Slope, Doublings: float64(w.Doublings),
		Horizon: w.Horizon, Smoothing: w.Smoothing, Halving: w.Halving, RowBudget: uint64(max(0, w.RowBudget)),
	}
}

// Grace is the grace that the table describes.
func (w *ProofOfWork) Grace() pow.Grace { return pow.Grace{Window: w.GraceWindow, Share: w.GraceShare} }

// Params are the parameters that the table describes. Numbers that do not fit stay
// too large, and are refused as such: cut off, they might be small ones.
func (w *ProofOfWork) Params() pow.Params {
	return pow.Params{
		MemoryKiB: uint32(min(w.Memory>>10, math.MaxUint32)),
		Time:      uint32(min(int64(w.Time), math.MaxUint32)),
		SubProofs: uint8(min(w.SubProofs, math.MaxUint8)),
	}
}

// check adds what is wrong with the table; at makes the place of a key, of is
// how messages call the table.
func (w *ProofOfWork) check(p *problems, at func(key string) string, of string) {
	if w.BaseDifficulty < 1 {
		p.add(at("base_difficulty"), "base_difficulty of %s: write 1 or more; to ask for no proof set enabled = false", of)
	}
	if err := w.Law().Validate(); err != nil {
		p.add(at("enabled"), "%s: %w", of, err)
	}
	if w.Memory%1024 != 0 || w.Memory < 0 || w.Time < 0 || w.SubProofs < 0 || w.SubProofs > pow.MaxSubProofs {
		p.add(at("memory"), "%s: write memory in whole KiB, time from 1 to 16 and sub_proofs from 1 to %d", of, pow.MaxSubProofs)
	} else if err := w.Params().Validate(); err != nil {
		p.add(at("memory"), "%s: %w", of, err)
	}
	if w.SealBits < 0 || w.SealBits > pow.MaxAskedSealBits {
		p.add(at("seal_bits"), "seal_bits of %s: write a whole number from 0 to %d", of, pow.MaxAskedSealBits)
	}
	if !(w.GraceShare >= 0 && w.GraceShare <= 0.05) {
		p.add(at("grace_share"), "grace_share of %s: write a share from 0 to 0.05; more would hand the space to whoever worked ahead", of)
	}
}

func (c *Config) checkProofs(p *problems) {
	if c.Verifiers < 0 || c.Verifiers > 1024 {
		p.add("proof_of_work.verifiers", "proof_of_work.verifiers: write a number up to 1024, or 0 to let the gateway choose")
	}
	if c.VerifierQueue < 1 || c.VerifierQueue > 10_000 {
		p.add("proof_of_work.verifier_queue", "proof_of_work.verifier_queue: write a number from 1 to 10000")
	}
	c.ProofOfWork.check(p, func(key string) string { return "proof_of_work." + key }, "[proof_of_work]")
	for i := range c.Accounts {
		a := &c.Accounts[i]
		if a.ProofOfWork == c.ProofOfWork {
			continue
		}
		at := func(key string) string { return fmt.Sprintf("account[%d].proof_of_work.%s", i, key) }
		a.ProofOfWork.check(p, at, fmt.Sprintf("[account.proof_of_work] of %q", a.Name))
	}
}
