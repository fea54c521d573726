"""The published forms of credentials of clouds, hosts, databases and of services for artificial intelligence.

A row is the service and what it is, the beginning, and the rest. The beginning is of one length and becomes part of an
anchor, so it holds what both engines take; the rest is an expression of Python.
"""

from __future__ import annotations

from typing import Final

CLOUD: Final = r"""
aws/access-key              (?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{8}    [A-Z0-9]{8}
aws/access-key-old?         A3T[A-Z0-9]{13}                 [A-Z0-9]{4}
aws/bedrock                 ABSK[A-Za-z0-9+/]{12}           [A-Za-z0-9+/]{90,270}={0,2}
aws/bedrock-short           bedrock-api-key-                [A-Za-z0-9+/=]{32,2048}
aws/marketplace             amzn\.mws\.                     [0-9a-z]{8}(?:-[0-9a-z]{4}){3}-[0-9a-z]{12}
aws/login                   amzn1\.oa2-cs\.v1\.             [0-9a-f]{64}
aws/appsync                 da2-[a-z0-9]{8}                 [a-z0-9]{18}
aws/signed-url              X-Amz-Signature=[0-9a-f]{8}     [0-9a-f]{56}
aws/session                 (?:FwoGZXIvYXdz|IQoJb3JpZ2lu)   [A-Za-z0-9+/%]{80,2048}={0,2}
google/api                  AIza[A-Za-z0-9_\-]{8}           [A-Za-z0-9_\-]{27}
google/oauth-secret         GOCSPX-[A-Za-z0-9_\-]{8}        [A-Za-z0-9_\-]{20}
google/oauth                ya29\.[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-.]{20,2048}
google/refresh              1//0[A-Za-z0-9_\-]{8}           [A-Za-z0-9_\-]{40,120}
google/signed-url           X-Goog-Signature=[0-9a-f]{8}    [0-9a-f]{56,1000}
azure/client-secret  [A-Za-z0-9_~.]{3}<[0-9]Q~[A-Za-z0-9_~.\-]{8}  [A-Za-z0-9_~.\-]{23,26}(?![~.\-]?[A-Za-z0-9])
azure/devops                [A-Za-z0-9]{52}<JQQJ99[A-L][A-L]  [A-Za-z0-9]{24,26}
azure/signature             [?&;]sig=[A-Za-z0-9%/+]{8}      [A-Za-z0-9%/+]{30,60}(?:%3D|=)
alibaba/access-key          LTAI[A-Za-z0-9]{8}              [A-Za-z0-9]{4,12}
tencent/access-key          AKID[A-Za-z0-9]{8}              [A-Za-z0-9]{20,28}
yandex/api                  AQVN[A-Za-z0-9_\-]{8}           [A-Za-z0-9_\-]{27,32}
yandex/oauth                y[0-3]_[A-Za-z0-9_\-]{8}      [A-Za-z0-9_\-]{47,52}
yandex/iam?                 \bt1\.[A-Z0-9a-z_\-]{8}         [A-Za-z0-9_\-]{20,600}=?\.[A-Za-z0-9_\-]{80,90}=?
scaleway/key?               SCW[A-Z0-9]{8}                [A-Z0-9]{9}
digitalocean/token          do[opr]_v1_[a-f0-9]{8}          [a-f0-9]{56}
cloudflare/origin           v1\.0-[a-f0-9]{8}               [a-f0-9]{16}-[a-f0-9]{146}
heroku/token                HRKU-[A-Za-z0-9_\-]{8}          [A-Za-z0-9_\-]{28,60}
fly/token                   fo1_[A-Za-z0-9_\-]{8}         [A-Za-z0-9_\-]{35}
fly/macaroon                \bfm[12][ar_][A-Za-z0-9+/_]{8}  [A-Za-z0-9+/]{90,1200}={0,3}
render/key?                 rnd_[A-Za-z0-9]{8}            [A-Za-z0-9]{24}
netlify/token               nf[pcoub]_[A-Za-z0-9]{8}        [A-Za-z0-9_]{28}
vercel/token                vc[pkaicr]_[A-Za-z0-9]{8}     [A-Za-z0-9]{48}
vercel/blob                 vercel_blob_rw_                 [A-Za-z0-9]{16}_[A-Za-z0-9]{30,40}
deno/token                  dd[pow]_[A-Za-z0-9]{8}        [A-Za-z0-9]{28}
supabase/token              sbp_[a-f0-9]{8}               [a-f0-9]{32}
supabase/secret             sb_secret_[A-Za-z0-9_\-]{8}     [A-Za-z0-9_\-]{14,40}
planetscale/token           pscale_(?:tkn|oau)[_t]          [A-Za-z0-9_=.\-]{32,70}
planetscale/password        pscale_pw_[A-Za-z0-9_=.\-]{8}   [A-Za-z0-9_=.\-]{24,60}
neon/token                  napi_[a-z0-9]{8}              [a-z0-9]{56}
aiven/password              AVNS_[A-Za-z0-9_\-]{8}          [A-Za-z0-9_\-]{8,24}
mongodb/service             mdb_sa_sk_[A-Za-z0-9_\-]{8}     [A-Za-z0-9_\-]{32}
cockroach/key               CCDB1_[A-Za-z0-9]{8}            [A-Za-z0-9]{14}_[A-Za-z0-9]{40}
clickhouse/key?             4b1d[A-Za-z0-9]{8}            [A-Za-z0-9]{30}
databricks/token            dapi[a-f0-9]{8}                 [a-f0-9]{24}(?:-\d)?
databricks/secret           dose[a-f0-9]{8}               [a-f0-9]{24}
elastic/service?            AAEAAW[A-Za-z0-9]{8}          [A-Za-z0-9+/=_\-]{24,80}
elastic/cloud               essu_[A-Za-z0-9]{8}             [A-Za-z0-9+/]{40,120}={0,2}
tailscale/key               tskey-[a-z]{3}                  [a-z]{0,9}-[A-Za-z0-9]{8,20}(?:CNTRL)?-[A-Za-z0-9]{16,40}
defined/key                 dnkey-[A-Z0-9=_\-]{8}           [A-Z0-9=_\-]{18}-[A-Z0-9=_\-]{52}
vault/service               hvs\.[A-Za-z0-9_\-]{8}        [A-Za-z0-9_\-]{14,200}
vault/batch                 hvb\.[A-Za-z0-9_\-]{8}        [A-Za-z0-9_\-]{80,300}
vault/old?                  \bs\.[A-Za-z0-9]{8}             [A-Za-z0-9]{16}
terraform/cloud             [A-Za-z0-9]{14}<\.atlasv1[.\-]  [A-Za-z0-9_=.\-]{60,110}
doppler/token               \bdp\.(?:pt|ct|st|sa)\.         (?:[a-z0-9_\-]{2,35}\.)?[A-Za-z0-9]{40,44}
doppler/scim                \bdp\.(?:scim|audi)             t?\.[A-Za-z0-9]{40,44}
pulumi/token                pul-[a-f0-9]{8}               [a-f0-9]{32}
infracost/key               ico-[A-Za-z0-9]{8}            [A-Za-z0-9]{24}
openshift/token             sha256~[A-Za-z0-9_\-]{8}        [A-Za-z0-9_\-]{35}
nats/seed?                  S[UAOCNX][A-Z2-7]{12}         [A-Z2-7]{44}
age/secret-key              AGE-SECRET-KEY-1                [QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}
1password/service           ops_eyJ[A-Za-z0-9]{8}         [A-Za-z0-9+/_\-]{80,1500}={0,3}
1password/secret-key  \bA3-[A-Z0-9]{6}-[A-Z0-9]{2}  [A-Z0-9]{4}[A-Z0-9\-]{2,7}-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}
bitwarden/machine  \b0\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-  [0-9a-f]{12}\.[A-Za-z0-9+/]{20,40}:[A-Za-z0-9+/=]{20,30}
infisical/token             \bst\.[a-f0-9]{12}              [a-f0-9]{12}\.[a-f0-9]{32}\.[a-f0-9]{32}
"""
"""Clouds, hosts, databases and keepers of secrets."""

INTELLIGENCE: Final = r"""
openai/key                  sk-[A-Za-z0-9]{20}            T3BlbkFJ[A-Za-z0-9]{20}
openai/old-key?             sk-[A-Za-z0-9]{12}            [A-Za-z0-9]{36}
openai/project              sk-proj-[A-Za-z0-9_\-]{8}     [A-Za-z0-9_\-]{30,200}
openai/service              sk-(?:svca|admi|None)         (?:cct|n)?-[A-Za-z0-9_\-]{40,200}
anthropic/key               sk-ant-(?:api|adm|oat|ort|sid)    (?:in)?\d\d-[A-Za-z0-9_\-]{93}AA
openrouter/key              sk-or-v1-                     [a-f0-9]{64}
deepseek/key?               sk-[a-f0-9]{12}               [a-f0-9]{20}
langfuse/key                sk-lf-[a-f0-9]{8}             (?:-[a-f0-9]{4}){3}-[a-f0-9]{12}
huggingface/token           hf_[A-Za-z0-9]{8}             (?=[a-z0-9]*[A-Z])[A-Za-z0-9]{26,29}
huggingface/organisation    api_org_[A-Za-z]{8}           [A-Za-z]{26}
perplexity/key              pplx-[A-Za-z0-9]{8}           [A-Za-z0-9]{40}
groq/key                    gsk_[A-Za-z0-9]{8}            [A-Za-z0-9]{44}
xai/key                     xai-[A-Za-z0-9]{8}            [A-Za-z0-9]{72}
replicate/token             r8_[A-Za-z0-9]{8}             [A-Za-z0-9]{29}
together/key                tgp_v1_[A-Za-z0-9_\-]{8}      [A-Za-z0-9_\-]{35}
fireworks/key?              fw_[A-Za-z0-9]{8}             [A-Za-z0-9]{14,16}
nvidia/key                  nvapi-[A-Za-z0-9_\-]{8}       [A-Za-z0-9_\-]{52,62}
langsmith/key               lsv2_(?:pt|sk)_[a-f0-9]{8}    [a-f0-9]{24}_[a-f0-9]{10}
wandb/key                   wandb_v1_[A-Za-z0-9_]{8}      [A-Za-z0-9_]{40,80}
pinecone/key                pcsk_[A-Za-z0-9]{4}           [A-Za-z0-9]{1,6}_[A-Za-z0-9]{58,66}
elevenlabs/key              \bsk_[a-f0-9]{12}               [a-f0-9]{36}
tavily/key                  tvly-[A-Za-z0-9\-]{8}         [A-Za-z0-9\-]{20,40}
cerebras/key                csk-[a-z0-9]{12}              [a-z0-9]{36}
voyage/key?                 \bpa-[A-Za-z0-9_\-]{12}         [A-Za-z0-9_\-]{31}
jina/key                    jina_[a-f0-9]{8}              [a-f0-9]{24}[A-Za-z0-9_\-]{28}
firecrawl/key?              fc-[a-f0-9]{12}               [a-f0-9]{20}
apify/token                 apify_api_[A-Za-z0-9]{8}        [A-Za-z0-9]{28,32}
runpod/key                  rpa_[A-Z0-9]{8}               [A-Z0-9]{32,40}[A-Za-z0-9]{0,6}
modal/secret?               \bas-[A-Za-z0-9]{8}             (?=[A-Za-z]*\d)(?=[a-z\d]*[A-Z])[A-Za-z0-9]{14}
anyscale/secret             esecret_[A-Za-z0-9]{8}          [A-Za-z0-9]{18,24}
"""
"""Services for artificial intelligence."""
