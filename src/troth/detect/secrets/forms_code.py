"""Forms of credentials of forges, package registries, builds and monitoring (rows as in `forms_cloud`)."""

from __future__ import annotations

from typing import Final

CODE: Final = r"""
github/token                gh[pousr]_[A-Za-z0-9]{8}        [A-Za-z0-9]{28,247}
github/installation  ghs_[0-9]{4}  \d{0,12}_eyJ[A-Za-z0-9_\-]{8,600}\.[A-Za-z0-9_\-]{8,1200}\.[A-Za-z0-9_\-]{8,700}
github/fine-grained         github_pat_[A-Za-z0-9]{8}       [A-Za-z0-9]{14}_[A-Za-z0-9]{50,70}
gitlab/personal             glpat-[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{12,60}(?:\.[A-Za-z0-9]{2}\.[A-Za-z0-9]{9})?
gitlab/token  gl(?:dt|rt|ft)-[A-Za-z0-9_\-]{8}  [A-Za-z0-9_\-]{12,60}(?:\.[A-Za-z0-9]{2}\.[A-Za-z0-9]{9})?
gitlab/long-token           gl(?:ptt|cbt|imt)-[A-Za-z0-9_\-]{8}  [A-Za-z0-9_\-]{12,64}
gitlab/account              gl(?:soat|ffct)-[A-Za-z0-9_\-]{8}  [A-Za-z0-9_\-]{12,64}
gitlab/oauth                gloas-[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{12,64}
gitlab/agent                glagent-[A-Za-z0-9_\-]{8}       [A-Za-z0-9_\-]{42,64}
gitlab/runner               GR1348941[A-Za-z0-9_\-]{8}      [A-Za-z0-9_\-]{12}
gitlab/session              _gitlab_session=[a-f0-9]{8}     [a-f0-9]{24}
bitbucket/app               ATBB[A-Za-z0-9]{8}              [A-Za-z0-9]{24}
bitbucket/server            BBDC-[A-Za-z0-9+/]{8}           [A-Za-z0-9+/@_\-]{32,36}
atlassian/token             AT(?:ATT|CTT)3[A-Za-z0-9_\-=]{8}    [A-Za-z0-9_\-=]{60,240}
atlassian/personal          (?:[MNO][DTjz][AEIMQUYcgk][wxyz0-5]){4}O    [A-Za-z0-9+/]{27}
sourcegraph/token  sgp_[A-Za-z0-9]{4}  (?:[a-fA-F0-9]{12}_[a-fA-F0-9]{40}|l_[a-fA-F0-9]{40}|[a-fA-F0-9]{36})
npm/token                   npm_[A-Za-z0-9]{8}            [A-Za-z0-9]{28}
pypi/token                  pypi-AgE[A-Za-z0-9_\-]{8}       [A-Za-z0-9_\-]{50,400}
rubygems/key                rubygems_[a-f0-9]{8}            [a-f0-9]{40}
nuget/key?                  oy2[a-z0-9]{8}                [a-z0-9]{35}
clojars/token               CLOJARS_[a-z0-9]{8}             [a-z0-9]{52}
crates/token?               cio[A-Za-z0-9]{8}             [A-Za-z0-9]{24}
docker/token                dckr_(?:pat|oat)_               [A-Za-z0-9_\-]{27,33}
artifactory/key             AKCp[A-Za-z0-9]{8}            [A-Za-z0-9]{61,64}
artifactory/reference       cmVmdGtu[A-Za-z0-9]{8}          [A-Za-z0-9]{48}
openvsx/token               ovsx[pa]t_[a-f0-9]{8}           (?:-[a-f0-9]{4}){3}-[a-f0-9]{12}
circleci/token              CCI(?:PAT|PRJ)_                 [A-Za-z0-9]{22}_[a-f0-9]{40}
buildkite/token             bk(?:ua|pt|ct|ar)_[a-f0-9]{8} [a-f0-9]{32}
buildkite/agent             bkcq_[A-Za-z0-9]{8}           [A-Za-z0-9_\-]{20,60}
sonar/token                 sq[upa]_[a-f0-9]{8}             [a-f0-9]{32}
depot/token                 depot_[a-z]{3}                [a-z]{0,10}_[a-f0-9]{40,70}
codesandbox/token           csb_v1_[A-Za-z0-9_\-]{8}        [A-Za-z0-9_\-]{30,60}
prefect/key                 pn[ub]_[A-Za-z0-9]{8}         [A-Za-z0-9]{28}
postman/key                 PMAK-[a-f0-9]{8}                [a-f0-9]{16}-[a-f0-9]{34}
postman/access              PMAT-[A-Z0-9]{8}                [A-Z0-9]{18}
readme/key                  rdme_[a-z0-9]{8}              [a-z0-9]{62}
octopus/key?                API-[A-Z0-9]{12}              [A-Z0-9]{14}
harness/key                 [ps]at\.[A-Za-z0-9_\-]{22}\.  [a-f0-9]{24}\.[A-Za-z0-9]{20}
scalingo/token?             tk-us-[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{40}
settlemint/token            sm_(?:aat|pat|sat)_           [A-Za-z0-9]{16}
trigger/key                 tr_(?:dev_|prod)                _?[A-Za-z0-9]{20,30}
valtown/token?              vtwn_[A-Za-z0-9]{8}           [A-Za-z0-9]{18,24}
grafana/service             glsa_[A-Za-z0-9]{8}             [A-Za-z0-9]{24}_[a-fA-F0-9]{8}
grafana/cloud               glc_[A-Za-z0-9+/]{8}            [A-Za-z0-9+/]{24,392}={0,3}
grafana/old                 eyJrIjoi[A-Za-z0-9]{8}          [A-Za-z0-9+/]{50,400}={0,3}
newrelic/user               NRAK-[A-Z0-9]{8}                [A-Z0-9]{19}
newrelic/insert             NRII-[A-Za-z0-9_\-]{8}          [A-Za-z0-9_\-]{24}
newrelic/browser            NRJS-[a-f0-9]{8}                [a-f0-9]{11}
dynatrace/token             dt0[a-z][0-9]{2}\.[A-Z0-9]{8} [A-Z0-9]{16}\.[A-Z0-9]{64}
sentry/organisation         sntrys_eyJ[A-Za-z0-9+/=_]{8}    [A-Za-z0-9+/=_]{60,400}
sentry/user                 sntry[ui]_[a-f0-9]{8}           [a-f0-9]{56}
honeycomb/key?              hc[abix][il][kc]_[a-z0-9]{8}  [a-z0-9]{40,60}
posthog/personal            phx_[A-Za-z0-9]{8}            [A-Za-z0-9]{35,40}
launchdarkly/key            (?:sdk|api|mob)-[a-f0-9]{8}   (?:-[a-f0-9]{4}){3}-[a-f0-9]{12}
wakatime/key                waka_[a-f0-9]{8}-             [a-f0-9]{4}-4[a-f0-9]{3}-[a-f0-9]{4}-[a-f0-9]{12}
intra42/secret              s-s4t2(?:ud|af)-                [a-f0-9]{64}
zuplo/key                   zpka_[a-z0-9]{8}              [a-z0-9]{24}_[a-f0-9]{8}
dependencytrack/key?        odt_[A-Za-z0-9]{8}            [A-Za-z0-9_]{24,40}
maxmind/key                 [A-Za-z0-9]{6}_[A-Za-z0-9]{29}<_mmk  \b
"""
"""Forges, registries, builds, monitoring."""
