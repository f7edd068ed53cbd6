package main
import ("testing";"time";"fmt";"os")
func BenchmarkZZ(b *testing.B){
 s:=newBench(b)
 what := os.Getenv("ZZ")
 os.WriteFile("/tmp/gwpid",[]byte(fmt.Sprint(s.gateway)),0o644)
 var sd side
 switch what {
 case "register": keys:=randomKeys(200000); sd=side{items:1, op: func(n int) error { _, err := s.call("POST", "/accounts/ch/registrations", "", registrationJSON(keys[n%len(keys)]), 200); return err }}
 case "map":
   signers := newSigners(60000); s.registerAll(signers); bodies := make([][]byte, len(signers))
   for i := range bodies { bodies[i] = s.mappingJSON(signers[i], time.Now()) }
   sd=side{items:1, op: func(n int) error { _, err := s.call("POST", "/accounts/ch/mappings", "", bodies[n%len(bodies)], 200); return err }}
 }
 os.WriteFile("/tmp/gwready",nil,0o644)
 for range 4 { f:=s.measure(b,32,sd); fmt.Printf("%s %.0f/s cpu %.0f\n", what, f.perSecond,f.cpuPerItem) }
}
