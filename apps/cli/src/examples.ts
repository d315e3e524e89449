/** What `--help` shows first, by command. */
export const examples: Readonly<Record<string, string>> = {
  extev: `  extev ls                                   which processes can be looked at
  extev events 4242                          what process 4242 posts, or could post
  extev listen 4242 'net.*' --where 'len == 13'
  extev listen hot-spot -- node app.js       start a program and hear from its first event on
  extev debug 4242                           then: catch hot-spot, continue
  extev watch                                all of it in the browser: graphs, flame graphs, scripts
  extev doctor 4242                          what works here, and how to make the rest work`,
  ls: `  extev ls
  extev ls --json | jq '.processes[].pid'`,
  events: `  extev events                               all attached processes
  extev events 4242 -l                       with fields, units and parameters
  extev events 4242 'hot-*'
  extev events 'net.**'                      one argument that is no pid is a pattern`,
  listen: `  extev listen 4242 net.send cache.evict
  extev listen 4242 hot-spot --request share=0.05
  extev listen -n app.js 'http.**' --where 'durationNs > 5e6' --max-hit 10 --timeout 60000
  extev listen '**' --stack --json -- node app.js   start a program and hear from its first event on
  extev listen breakpoint.hit --request location=parse -- ./server`,
  log: `  extev log 4242 'http.**' --out requests.ndjson
  extev log 4242 http.server.request --out trace.json      opens in Chrome DevTools and the Perfetto UI
  extev log -p 4242 -p 4300 'net.*' --where 'len > 1e5' --out net.log --rotate 10MB,1d,keep=7
  extev log --session '**.error' --json
  extev log '**' --out all.ndjson -- node app.js           from the first event to the last`,
  run: `  extev run lucky13.ev 4242
  extev run -e 'probe net.send if (len == 13) { printf("%d to %s\\n", len, remoteAddress) }' 4242
  extev run -e 'global sizes probe net.send { sizes[remotePort] <<< len } probe end { foreach (p in sizes-) printf("%d %d\\n", p, @count(sizes[p])) }' 4242
  extev run lucky13.ev -- node app.js        start a program, and run a script in it from its first event on
  extev run lucky13.ev --check`,
  debug: `  extev debug 4242
  extev debug 4242 -x hot.extev --batch      commands from a file
  printf 'catch hot-spot\\ncontinue\\nbt\\n' | extev debug 4242
  extev debug -- node app.js
  extev debug -- ./server                    then: break main, continue`,
  watch: `  extev watch                                every process of yours, in the browser
  extev watch 4242                           attach to process 4242 first
  extev watch 4242 net.send --where 'len == 13'   with a card for these
  extev watch -- node app.js                 start a program
  extev watch --port 8080 --no-open          then: ssh -L 8080:127.0.0.1:8080 HOST, and open the address
  extev watch --allow-control 4242           the page may stop a thread at the next incident`,
  top: `  extev top                                  all processes that have an agent; what they post by themselves
  extev top 4242 'net.*' 'http.**'           loads what posts these, and hears them
  extev top --json --count 10 4242 | jq '.events[0]'
  extev top '**' -- node app.js`,
  plugins: `  extev plugins
  extev plugins --json | jq -r '.plugins[].events[]'`,
  doctor: `  extev doctor
  extev doctor 4242                          would an attach to process 4242 work, and if not, why`,
};
