// Made by `npm run generate`, in one file because it is made of one; not to be edited.

export interface paths {
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists changes of the tenant's things, the newest first. */
        get: operations["listAuditEntries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists models with their prices. */
        get: operations["listCatalogModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalog/models/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a model with its prices. */
        get: operations["getCatalogModel"];
        /**
         * Makes or replaces a model of the tenant's own.
         * @description One of the catalog's ids stands for the catalog's model from then on.
         */
        put: operations["putCatalogModel"];
        post?: never;
        /** Removes a model of the tenant's own. */
        delete: operations["deleteCatalogModel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the tenant's own provider keys. */
        get: operations["listCredentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Connects or changes the tenant's key `default` for a provider.
         * @description With `apiKey`, the key is tried at its provider first, and nothing that is refused is stored. Without it, only the pool's use of a connected key changes.
         */
        put: operations["putDefaultCredential"];
        post?: never;
        /** Takes out the tenant's key `default` for a provider. */
        delete: operations["deleteDefaultCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{provider}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Connects or changes one of several keys in the tenant's pool.
         * @description With `apiKey`, the key is tried at its provider first, and nothing that is refused is stored. Without it, only the pool's use of a connected key changes.
         */
        put: operations["putPoolCredential"];
        post?: never;
        /** Takes out one of several keys in the tenant's pool. */
        delete: operations["deletePoolCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{provider}/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a provider about a key of the tenant's pool.
         * @description Its provider is asked now, by the call that tries every key before it is stored. A key that turns out to be refused, or to be taken again, is marked so.
         */
        post: operations["testCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists hosts. */
        get: operations["listHosts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hosts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a host. */
        get: operations["getHost"];
        /** Makes or replaces a host of the tenant's own. */
        put: operations["putHost"];
        post?: never;
        /** Removes a host of the tenant's own. */
        delete: operations["deleteHost"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists policies, the newest first. */
        get: operations["listPolicies"];
        put?: never;
        /** Makes a policy. */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a policy. */
        get: operations["getPolicy"];
        /** Replaces a policy, the whole of it. */
        put: operations["replacePolicy"];
        post?: never;
        /** Removes a policy. */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the providers that the tenant has keys for, and how each key is doing. */
        get: operations["listProviders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tells what a relay key, a policy, or rules that are not saved yet, would let through.
         * @description Decided by the code that routes calls; nobody is called, and nothing is counted.
         */
        post: operations["testReach"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/registration-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issues a registration token.
         * @description Permission for one end user to connect one provider key, in the widget or by an app of yours; works once. With the scope `manage`: to see, replace and disconnect what is connected, until the token expires.
         */
        post: operations["createRegistrationToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/relay-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists relay keys. */
        get: operations["listRelayKeys"];
        put?: never;
        /** Makes a relay key. */
        post: operations["createRelayKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/relay-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a relay key. */
        get: operations["getRelayKey"];
        put?: never;
        post?: never;
        /** Revokes a relay key, for good. */
        delete: operations["revokeRelayKey"];
        options?: never;
        head?: never;
        /**
         * Changes a relay key.
         * @description What is left out stays; `null` takes away.
         */
        patch: operations["updateRelayKey"];
        trace?: never;
    };
    "/v1/relay-keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a relay key another bearer. */
        post: operations["rotateRelayKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists inference calls, the newest first. */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an inference call and how it went. */
        get: operations["getRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exports inference calls, the newest first.
         * @description All that the filter wants, streamed. CSV has a heading line of `RequestRecord`'s field names; NDJSON has one `RequestRecord` a line.
         */
        get: operations["exportRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the tenant's settings. */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Changes the tenant's settings.
         * @description What is left out stays; `branding` is replaced as a whole.
         */
        patch: operations["updateSettings"];
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sums calls, tokens and costs over a stretch of time.
         * @description The last 30 days when nothing is said, or 24 hours; at most 750 steps.
         */
        get: operations["getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage/latency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells how long chats took that were answered whole.
         * @description The last 30 days when nothing is said, or 24 hours; at most 750 steps.
         */
        get: operations["getLatency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists end users, the newest first. */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{label}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an end user. */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /** Removes an end user with all that is connected. */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{label}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what an end user has connected. */
        get: operations["listUserCredentials"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{label}/credentials/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Connects an end user's key.
         * @description For tenants who hold their users' keys already and move in. The key is tried at its provider first; nothing that is refused is stored. `weight`, `priority`, `disabled` and `limits` are for a pool's credentials only.
         */
        put: operations["putUserCredential"];
        post?: never;
        /**
         * Takes out an end user's key.
         * @description At once: calls that are under way may still end.
         */
        delete: operations["deleteUserCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{label}/credentials/{provider}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a provider about an end user's key.
         * @description Its provider is asked now, by the call that tries every key before it is stored. A key that turns out to be refused, or to be taken again, is marked so.
         */
        post: operations["testUserCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{label}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sums an end user's calls, tokens and costs over a stretch of time.
         * @description The last 30 days when nothing is said, or 24 hours; at most 750 steps.
         */
        get: operations["getUserUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists webhooks, the newest first. */
        get: operations["listWebhooks"];
        put?: never;
        /** Makes a webhook. */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a webhook. */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /** Removes a webhook, and the list of what was sent there. */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Changes a webhook.
         * @description What is left out stays. Switched off, it is told nothing, and what was still to be sent fails; switched on again, it begins anew.
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what was, or is to be, sent to a webhook, the newest first.
         * @description For thirty days.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries/{delivery}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a delivery again, now, and waits for what comes of it. */
        post: operations["retryWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Gives a webhook another signing secret.
         * @description For a while, a day when nothing is said, both secrets sign.
         */
        post: operations["rotateWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends a webhook an event of no consequence, once, and waits for what comes of it. */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description How a limit counts.
         * @enum {string}
         */
        Algorithm: "token-bucket" | "sliding-window" | "fixed-window" | "session-window";
        /** @description An error as Anthropic tells it. */
        AnthropicError: {
            /** @description What went wrong. */
            error: components["schemas"]["AnthropicErrorDetail"];
            /** @description Always `error`. */
            type: string;
        };
        /** @description What went wrong, as Anthropic tells it. */
        AnthropicErrorDetail: {
            /** @description Relay's code or the provider's. */
            code?: string | null;
            /** @description A sentence for people. */
            message: string;
            /** @description Anthropic's word for the kind of error. */
            type: string;
        };
        /** @description One candidate: tried, or skipped. */
        Attempt: {
            /**
             * Format: int64
             * @description Milliseconds from the request's arrival to the attempt's beginning.
             */
            atMs: number;
            /** @description The credential's name in its pool. */
            credential?: string | null;
            /** @description The credential's id, if one was drawn. */
            credentialId?: string | null;
            /** @description The credential's last four characters. */
            last4?: string | null;
            /** @description The model's name there. */
            model: string;
            /**
             * Format: int64
             * @description Milliseconds the attempt took; absent for a skipped one.
             */
            ms?: number | null;
            /** @description How it came out. */
            outcome: components["schemas"]["Outcome"];
            /** @description The host's id. */
            provider: string;
            /** @description The error's code, or why it was skipped, in a word. */
            reason?: string | null;
            /**
             * Format: int32
             * @description The provider's status, if it answered.
             */
            status?: number | null;
        };
        /** @description Who made a change. */
        AuditActor: {
            /** @description The relay key's or the member's id, the end user's label; empty for the operator and Relay. */
            id: string;
            /** @description `relay-key`, `member`, `end-user`, `operator` (the command line), or `relay` (by itself). */
            kind: string;
            /** @description The relay key's name or the member's e-mail address, while there is one. */
            name?: string | null;
        };
        /** @description One change of a tenant's things (`GET /v1/audit`). */
        AuditEntry: {
            /** @description What was done: `relay-key.create`, `credential.remove`, ... */
            action: string;
            /** @description By whom. */
            actor: components["schemas"]["AuditActor"];
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description More of it, never a secret: a JSON object. */
            detail: {
                [key: string]: unknown;
            };
            /** @description The entry's id (UUIDv7). */
            id: string;
            /** @description To what: its path below `/v1`, like `relay-keys/ID` or `users/ada/credentials/openai`. */
            subject: string;
        };
        /** @description One page of a list. */
        AuditEntryPage: {
            data: components["schemas"]["AuditEntry"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description A model at a host. */
        Binding: {
            /** @description The host's id. */
            host: string;
            /** @description The model's name there; without it, the model's id. */
            model?: string | null;
            prices?: components["schemas"]["Prices"] | null;
        };
        /** @description How a tenant's widget looks. */
        Branding: {
            /** @description `#rrggbb`. */
            accentColor?: string | null;
            /** @description Where a picture is that stands for the tenant: https, or http on this machine. */
            logoUrl?: string | null;
            /** @description Where the tenant says what becomes of keys and data: https, or http on this machine. */
            privacyUrl?: string | null;
        };
        /** @description `PATCH /v1/relay-keys/{id}`: what is left out stays; `null` takes away. */
        ChangedRelayKey: {
            /** @description Switches it off or on. */
            disabled?: boolean | null;
            keepBodiesFor?: components["schemas"]["ExpiresIn"] | null;
            /** @description Other limits. */
            limits?: components["schemas"]["Limit"][] | null;
            /** @description Another name. */
            name?: string | null;
            /** @description Another policy, by id or name. */
            policy?: string | null;
            quotas?: components["schemas"]["Quotas"] | null;
            /** @description Other networks. */
            sources?: string[] | null;
        };
        /** @description `PATCH /v1/settings`: what is left out stays. */
        ChangedTenantSettings: {
            /** @description Other origins, at most 50. */
            allowedOrigins?: string[] | null;
            branding?: components["schemas"]["Branding"] | null;
            /**
             * Format: int32
             * @description Another number of days, 1 to 3650; `null` is as long as the operator keeps them.
             */
            requestsRetentionDays?: number | null;
            /** @description Another name, 1–100 characters. */
            tenantName?: string | null;
        };
        /** @description `PATCH /v1/webhooks/{id}`: what is left out stays. */
        ChangedWebhook: {
            /** @description Another description. */
            description?: string | null;
            /** @description Switches it off or on. What was still to be sent when it is switched off fails. */
            enabled?: boolean | null;
            /** @description Other events. */
            events?: components["schemas"]["WebhookEvent"][] | null;
            /** @description Another address. */
            url?: string | null;
        };
        /** @description `201` answer to `NewRelayKey`. The only time the key is shown. */
        CreatedRelayKey: components["schemas"]["RelayKey"] & {
            /** @description The bearer: `rly-...`. */
            key: string;
        };
        /** @description What may be shown of a key in the vault. The key itself is shown to nobody, by no route. */
        Credential: {
            /** @description The base URL, where it is not the provider's own. */
            baseUrl?: string | null;
            /** @description When it was connected, or last replaced. */
            connectedAt: components["schemas"]["Timestamp"];
            /** @description Whether it is switched off for now. */
            disabled?: boolean;
            /** @description A keyed fingerprint of the key: equal for equal keys of one tenant, useless elsewhere. */
            fingerprint: string;
            /** @description The credential's id (UUIDv7). */
            id: string;
            /** @description The key's last four characters. */
            last4: string;
            lastUsedAt?: components["schemas"]["Timestamp"] | null;
            /** @description Limits on its use. */
            limits?: components["schemas"]["Limit"][];
            /** @description `default`, or the name given to one of several keys in a tenant's pool. */
            name: string;
            /**
             * Format: int32
             * @description Its place in the order, lower first.
             */
            priority?: number;
            /** @description The host's id: `openai`, `anthropic`, `google`, ... */
            provider: string;
            /** @description Where the operator keeps the key, if it is not in the vault: `env:NAME` or `file:PATH`. */
            reference?: string | null;
            /** @description Whether it is expected to work. */
            status: components["schemas"]["CredentialStatus"];
            /**
             * Format: int32
             * @description Its share of the turns, by the strategy `weighted`.
             */
            weight?: number;
        };
        /**
         * @description One key of a pool and how it is doing. All but its status is what the process that answers has seen
         *     since it started.
         */
        CredentialHealth: components["schemas"]["Credential"] & {
            /**
             * Format: int64
             * @description The moving average of the time to the first byte, in milliseconds; absent before the first answer.
             */
            firstByteMs?: number | null;
            /** @description The models that it rests for; empty where it rests for all, or for none. */
            models?: components["schemas"]["RestingModel"][];
            reason?: components["schemas"]["Outcome"] | null;
            /** @description What went wrong within the last hour, newest first, at most ten. */
            recentErrors: components["schemas"]["RecentError"][];
            /** @description How it is doing: the worst of its models. */
            state: components["schemas"]["CredentialState"];
            until?: components["schemas"]["Timestamp"] | null;
        };
        /** @description One page of a list. */
        CredentialPage: {
            data: components["schemas"]["Credential"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /**
         * @description How a credential is doing, as the process that answers has seen it.
         * @enum {string}
         */
        CredentialState: "ok" | "resting" | "open" | "broken" | "disabled";
        /**
         * @description Whether a credential is expected to work.
         * @enum {string}
         */
        CredentialStatus: "active" | "limited" | "broken";
        /** @description `POST .../test`: what a provider says of a key that is connected, asked now. */
        CredentialTest: {
            /**
             * @description If not, why: `key_refused`, `provider_unreachable`; or `key_limited` where it is taken but not allowed
             *     the call that tries it.
             */
            code?: string | null;
            /**
             * Format: int64
             * @description How long the provider took, in milliseconds.
             */
            durationMs: number;
            /** @description The same as a sentence. */
            message: string;
            /** @description Whether the provider takes it. */
            ok: boolean;
        };
        /** @description One event on its way to one address (`GET /v1/webhooks/{id}/deliveries`). */
        Delivery: {
            /** @description How often it was tried, and what came of it; the first first. */
            attempts: components["schemas"]["DeliveryAttempt"][];
            /** @description The body as it is sent: JSON, without any key. */
            body: string;
            /** @description When it happened. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description What it tells of: a `WebhookEvent`, or `webhook.test`. */
            event: string;
            /** @description The delivery's id (UUIDv7), sent as `webhook-id`: the same however often it is tried. */
            id: string;
            nextAttemptAt?: components["schemas"]["Timestamp"] | null;
            /** @description How it stands. */
            status: components["schemas"]["DeliveryStatus"];
        };
        /** @description One try of a delivery. */
        DeliveryAttempt: {
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            durationMs: number;
            /**
             * @description Why it was not taken: `status` (not 2xx), `redirect` (never followed), `timeout`, `unreachable`,
             *     `forbidden` (an address that Relay may not reach) or `unsendable`. Absent when it was taken.
             */
            error?: string | null;
            /**
             * Format: int32
             * @description What the address answered with, if it answered.
             */
            status?: number | null;
        };
        /** @description One page of a list. */
        DeliveryPage: {
            data: components["schemas"]["Delivery"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /**
         * @description How a delivery stands.
         * @enum {string}
         */
        DeliveryStatus: "pending" | "delivered" | "failed";
        /** @description A tenant's customer, known by the label the tenant chose. */
        EndUser: {
            /** @description When the label was first seen. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description What this user has connected. */
            credentials: components["schemas"]["Credential"][];
            /** @description The label the tenant sends in `X-Relay-User`. */
            label: string;
            /** @description What this user has used this month. */
            usage?: components["schemas"]["MonthUse"];
        };
        /** @description One page of a list. */
        EndUserPage: {
            data: components["schemas"]["EndUser"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /**
         * @description An error of Relay's own routes. Inference routes answer in the caller's dialect instead.
         *     `docs/errors.md` lists every code.
         */
        ErrorBody: {
            /** @description What went wrong. */
            error: components["schemas"]["ErrorDetail"];
        };
        /** @description What went wrong, for a person (`message`) and for a program (`code`). */
        ErrorDetail: {
            /** @description A stable word for programs, e.g. `token_used`. */
            code: string;
            /** @description A sentence for people that says what to do next. Never holds a key. */
            message: string;
            /** @description The request's id, as in `x-relay-request-id`. */
            requestId?: string;
        };
        /** @description A life span: a number of minutes (`15`), or text with a unit (`"90s"`, `"15m"`, `"1h"`). */
        ExpiresIn: number | string;
        /** @description Names that are allowed and denied. `*` stands for any run of characters. */
        Filter: {
            /** @description Allowed; everything, when empty. */
            allow?: string[];
            /** @description Denied, also where allowed. */
            deny?: string[];
        };
        /** @description An error as Google tells it. */
        GeminiError: {
            /** @description What went wrong. */
            error: components["schemas"]["GeminiErrorDetail"];
        };
        /** @description What went wrong, as Google tells it. */
        GeminiErrorDetail: {
            /**
             * Format: int32
             * @description The HTTP status.
             */
            code: number;
            /** @description Relay's code is the first one's `reason`. */
            details?: components["schemas"]["GeminiErrorReason"][] | null;
            /** @description A sentence for people. */
            message: string;
            /** @description Google's word for the kind of error. */
            status: string;
        };
        /** @description Why, for a program. */
        GeminiErrorReason: {
            /** @description Relay's code or the provider's. */
            reason?: string | null;
        };
        /**
         * @description In which steps usage is told. Steps begin at full hours and at midnight, UTC.
         * @enum {string}
         */
        Grain: "hour" | "day";
        /** @description An upstream endpoint, the catalog's or the tenant's own (`GET /v1/hosts`). */
        Host: {
            /**
             * @description How calls are authenticated: `bearer`, `x-api-key`, `x-goog-api-key`, `api-key`,
             *     `google-service-account` or `aws`.
             */
            auth: string;
            /** @description Where its API begins; none if every credential brings its own. */
            baseUrl?: string | null;
            /** @description Whether it is Relay's or the operator's; the tenant's own may be changed and removed. */
            builtin: boolean;
            /** @description Path of the GET by which a key is tried; empty if there is none. */
            check?: string;
            /** @description What it speaks, the default first. */
            dialects: string[];
            /** @description How it serves embeddings, if it does. */
            embeddings?: string | null;
            /** @description Headers that every call carries besides. */
            headers?: {
                [key: string]: string;
            };
            /** @description The word in URLs, credentials and `host:model`. */
            id: string;
            /** @description The name people know. */
            name: string;
        };
        /**
         * @description Where a tenant's own host wants the key.
         * @enum {string}
         */
        HostAuth: "bearer" | "x-api-key" | "x-goog-api-key" | "api-key";
        /** @description One page of a list. */
        HostPage: {
            data: components["schemas"]["Host"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description What a relay key is held to, beside its policy. */
        KeySettings: {
            keepBodiesFor?: components["schemas"]["ExpiresIn"] | null;
            /** @description Limits. */
            limits?: components["schemas"]["Limit"][];
            quotas?: components["schemas"]["Quotas"] | null;
            /** @description Networks calls may come from (CIDR); anywhere, when empty. */
            sources?: string[];
        };
        /**
         * @description Whose provider keys a call may use.
         * @enum {string}
         */
        KeySource: "user-else-pool" | "user" | "pool" | "user-then-pool";
        /** @description How a webhook's newest delivery stands. */
        LastDelivery: {
            /** @description When it happened. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description What it tells of. */
            event: string;
            /** @description The delivery's id. */
            id: string;
            /** @description How it stands. */
            status: components["schemas"]["DeliveryStatus"];
        };
        /** @description `GET /v1/usage/latency?from=&to=&grain=`: how long chats took that were answered whole. */
        Latency: {
            /** @description When the first step begins. */
            from: components["schemas"]["Timestamp"];
            /** @description The steps. */
            grain: components["schemas"]["Grain"];
            /** @description Step by step, in the order of time; steps without answers are left out. */
            points: components["schemas"]["LatencyPoint"][];
            /** @description When the last step has ended. */
            to: components["schemas"]["Timestamp"];
            /** @description The whole stretch. */
            total: components["schemas"]["LatencyPoint"];
        };
        /** @description How long the answers of one stretch of time took, read off a histogram: at most a fifth too high. */
        LatencyPoint: {
            /**
             * Format: int64
             * @description Answers that were timed.
             */
            answers: number;
            duration?: components["schemas"]["Percentiles"] | null;
            firstByte?: components["schemas"]["Percentiles"] | null;
            /** @description When it begins. */
            start: components["schemas"]["Timestamp"];
        };
        /** @description One limit of a policy, a relay key or a credential. */
        Limit: {
            /** @description How it counts. */
            algorithm?: components["schemas"]["Algorithm"];
            /**
             * Format: int64
             * @description How much is allowed, at least 1.
             */
            amount: number;
            /** @description What it counts. */
            metric: components["schemas"]["Metric"];
            /** @description Whose calls it counts together. A credential's limits know `all` only. */
            on?: components["schemas"]["LimitOn"];
            /** @description `minute`, `hour`, `day`, or a span like `5h`; absent for `concurrency`. */
            per?: string | null;
        };
        /**
         * @description Whose calls a limit counts together.
         * @enum {string}
         */
        LimitOn: "all" | "key" | "user" | "free-tier" | "free-user";
        /**
         * @description What a limit counts.
         * @enum {string}
         */
        Metric: "requests" | "tokens" | "concurrency";
        /** @description A model as the catalog has it. */
        Model: {
            /** @description Which hosts serve it, the first to try first. */
            bindings: components["schemas"]["Binding"][];
            /** @description Whether it is Relay's or the operator's; the tenant's own may be changed and removed. */
            builtin: boolean;
            /** @description What it can: `tools`, `reasoning`, `structured-output`, `attachments`. */
            capabilities?: string[];
            /**
             * Format: int64
             * @description Input and output together, in tokens.
             */
            context?: number | null;
            /** @description The name callers use. */
            id: string;
            /** @description What it reads: `text`, `image`, `audio`, `video`, `pdf`. */
            inputModalities?: string[];
            /** @description What it is for. */
            kind: components["schemas"]["ModelKind"];
            /** @description The name people know. */
            name: string;
            /**
             * Format: int64
             * @description Output at most, in tokens.
             */
            output?: number | null;
            /** @description What it writes. */
            outputModalities?: string[];
            /** @description When its maker released it: `2025-09-29`. */
            released?: string | null;
        };
        /**
         * @description What a model is for.
         * @enum {string}
         */
        ModelKind: "chat" | "embedding";
        /** @description One page of a list. */
        ModelPage: {
            data: components["schemas"]["Model"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description What somebody used in this calendar month (UTC). */
        MonthUse: {
            /**
             * Format: int64
             * @description Cost in billionths of a US dollar, of the calls whose price is known.
             */
            costNanodollars: number;
            /**
             * Format: int64
             * @description Calls that failed.
             */
            failed: number;
            /**
             * Format: int64
             * @description Calls.
             */
            requests: number;
            /**
             * Format: int64
             * @description Input and output tokens together.
             */
            tokens: number;
        };
        /**
         * @description `PUT /v1/credentials/{provider}`, `PUT /v1/credentials/{provider}/{name}` and
         *     `PUT /v1/users/{label}/credentials/{provider}`.
         *
         *     What a pool's credential is not told anew (weight, priority, disabled, limits) stays as it is;
         *     a new key without `baseUrl` is the provider's own.
         */
        NewCredential: {
            /** @description The provider key; left out, only the pool's use of a connected credential changes. */
            apiKey?: string | null;
            /**
             * @description A base URL other than the provider's own; with `apiKey` only, so that no key that is
             *     connected is ever sent elsewhere.
             */
            baseUrl?: string | null;
            /** @description Switches it off or on. A pool's credentials only. */
            disabled?: boolean | null;
            /** @description Limits on its use. A pool's credentials only. */
            limits?: components["schemas"]["Limit"][] | null;
            /**
             * Format: int32
             * @description Its place in the order, 0 to 1000, lower first. A pool's credentials only.
             */
            priority?: number | null;
            /** @description `env:NAME` or `file:PATH`: for the operator's command line alone. */
            reference?: string | null;
            /**
             * Format: int32
             * @description Its share of the turns, 1 to 1000. A pool's credentials only.
             */
            weight?: number | null;
        };
        /**
         * @description `PUT /v1/hosts/{id}`: an endpoint of the tenant's own. The id is lower-case letters, digits, `-`
         *     and `_`, and none of the catalog's.
         */
        NewHost: {
            /** @description Where the key goes. */
            auth?: components["schemas"]["HostAuth"];
            /** @description Where its API begins: `https://api.acme.example/v1`. */
            baseUrl: string;
            /**
             * @description Path of a cheap authenticated GET by which a key is tried; empty if there is none. Left out,
             *     it is `/models`.
             */
            check?: string | null;
            /**
             * @description What it speaks, the default first (`openai-chat`, `openai-responses`, `anthropic-messages`,
             *     `gemini`); empty means `openai-chat`.
             */
            dialects?: string[];
            /** @description How it serves embeddings (`openai`, `gemini`), if it does. */
            embeddings?: string | null;
            /** @description Headers that every call carries besides. */
            headers?: {
                [key: string]: string;
            };
            /** @description The name people know. */
            name: string;
        };
        /**
         * @description `PUT /v1/catalog/models/{id}`: a model of the tenant's own, or the tenant's view of one in the catalog,
         *     which it then stands for.
         */
        NewModel: {
            /** @description Which hosts serve it, the first to try first; at least one. */
            bindings: components["schemas"]["Binding"][];
            /**
             * Format: int64
             * @description Input and output together, in tokens.
             */
            context?: number | null;
            /** @description What it is for. */
            kind?: components["schemas"]["ModelKind"];
            /** @description The name people know; without it, the id. */
            name?: string | null;
            /**
             * Format: int64
             * @description Output at most, in tokens.
             */
            output?: number | null;
        };
        /** @description `POST /v1/policies`, and `PUT /v1/policies/{id}`, which replaces the whole policy. */
        NewPolicy: {
            /** @description What people are to call it, 1–100 characters. */
            name: string;
            /** @description What it says; everything is allowed, when absent. */
            rules?: components["schemas"]["PolicyRules"];
        };
        /** @description `POST /v1/registration-tokens`. */
        NewRegistrationToken: {
            /**
             * @description Web origins (`https://app.example.com`) whose pages may use the token. Left out: the tenant's allowed
             *     origins (`/v1/settings`), or any page where there are none.
             */
            allowedOrigins?: string[] | null;
            /** @description The tenant's own name for the end user, 1–256 characters: opaque to Relay. */
            endUserLabel: string;
            expiresIn?: components["schemas"]["ExpiresIn"] | null;
            /** @description Locks the token to one provider. */
            provider?: string | null;
            /** @description What the end user may do with it; connect one key, when left out. */
            scope?: components["schemas"]["TokenScope"];
        };
        /** @description `POST /v1/relay-keys`. */
        NewRelayKey: {
            /** @description Binds it to one end user: `X-Relay-User` is implied, and another is refused. */
            endUser?: string | null;
            expiresIn?: components["schemas"]["ExpiresIn"] | null;
            keepBodiesFor?: components["schemas"]["ExpiresIn"] | null;
            /** @description Limits. */
            limits?: components["schemas"]["Limit"][];
            /** @description What people call it, 1–100 characters. */
            name: string;
            /** @description The id or name of its policy. */
            policy?: string | null;
            quotas?: components["schemas"]["Quotas"] | null;
            /**
             * @description What it may do; `inference` and `tokens` when left out, `inference` alone for a key that is
             *     bound to an end user, which may never `manage`.
             */
            scopes?: components["schemas"]["Scope"][] | null;
            /** @description Networks calls may come from (CIDR); anywhere, when left out. */
            sources?: string[];
            /** @description Lets a request's own field for a user name the end user; no when left out. */
            userFromBody?: boolean;
        };
        /** @description `POST /v1/webhooks`. */
        NewWebhook: {
            /** @description What people may want to know about it, at most 200 characters. */
            description?: string | null;
            /** @description Which, at least one. */
            events: components["schemas"]["WebhookEvent"][];
            /** @description Where events are to be sent: https at a public address, or one that the operator allows. */
            url: string;
        };
        /** @description An error as OpenAI tells it. */
        OpenAiError: {
            /** @description What went wrong. */
            error: components["schemas"]["OpenAiErrorDetail"];
        };
        /** @description What went wrong, as OpenAI tells it. */
        OpenAiErrorDetail: {
            /** @description Relay's code or the provider's. */
            code?: string | null;
            /** @description A sentence for people. */
            message: string;
            /** @description The field at fault. */
            param?: string | null;
            /** @description OpenAI's word for the kind of error. */
            type?: string | null;
        };
        /**
         * @description How an attempt came out.
         * @enum {string}
         */
        Outcome: "success" | "skipped" | "auth" | "rate-limit" | "server-error" | "timeout" | "network" | "permission" | "callers-fault";
        /** @description Milliseconds within which 50, 90 and 99 of a hundred answers stayed. */
        Percentiles: {
            /**
             * Format: int64
             * @description The median.
             */
            p50: number;
            /**
             * Format: int64
             * @description Of 90.
             */
            p90: number;
            /**
             * Format: int64
             * @description Of 99.
             */
            p99: number;
        };
        /** @description A phase of a request. */
        Phase: {
            /**
             * Format: int64
             * @description Milliseconds after the request arrived.
             */
            atMs: number;
            /** @description Which. */
            phase: components["schemas"]["PhaseName"];
        };
        /**
         * @description The phases, in order.
         * @enum {string}
         */
        PhaseName: "accepted" | "admitted" | "routed" | "answered" | "first-token" | "completed" | "settled";
        /** @description A policy (`GET /v1/policies`). */
        Policy: {
            /** @description When it was made. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description The policy's id (UUIDv7). */
            id: string;
            /** @description What people call it; one name is one policy of the tenant. */
            name: string;
            /** @description What it says. */
            rules: components["schemas"]["PolicyRules"];
            /** @description When it was last changed. */
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description One page of a list. */
        PolicyPage: {
            data: components["schemas"]["Policy"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description What a policy says. */
        PolicyRules: {
            /** @description Dialects callers may speak (`openai-chat`, ...); all, when empty. */
            dialects?: string[];
            /** @description Models to try, in order, when the one asked for cannot be served. */
            fallbacks?: string[];
            /** @description Hosts, by id. */
            hosts?: components["schemas"]["Filter"];
            keepBodiesFor?: components["schemas"]["ExpiresIn"] | null;
            /** @description Whose keys. */
            keys?: components["schemas"]["KeySource"];
            /** @description Limits. */
            limits?: components["schemas"]["Limit"][];
            /**
             * Format: int32
             * @description How often one call may be tried in all, 1 to 10; 4 when absent.
             */
            maxAttempts?: number | null;
            /** @description Models, by the name callers use. */
            models?: components["schemas"]["Filter"];
            /** @description In which order. */
            strategy?: components["schemas"]["Strategy"];
        };
        /**
         * @description Prices in US dollars per million tokens. One that is left out costs what it is a part of: cached
         *     and audio input as input, a write for an hour as one for five minutes, reasoning and audio
         *     output as output.
         */
        Prices: {
            /**
             * Format: double
             * @description Input read from the provider's prompt cache.
             */
            cacheRead?: number | null;
            /**
             * Format: double
             * @description Input written to the provider's prompt cache for one hour.
             */
            cacheWrite1h?: number | null;
            /**
             * Format: double
             * @description Input written to the provider's prompt cache for five minutes, or as long as it keeps it.
             */
            cacheWrite5m?: number | null;
            /**
             * Format: double
             * @description Input.
             */
            input: number;
            /**
             * Format: double
             * @description Audio input.
             */
            inputAudio?: number | null;
            /**
             * Format: double
             * @description Output.
             */
            output: number;
            /**
             * Format: double
             * @description Audio output.
             */
            outputAudio?: number | null;
            /**
             * Format: double
             * @description Reasoning, where it is priced apart from output.
             */
            reasoning?: number | null;
            /** @description What a request costs whose input is longer than a threshold: all of it. */
            tiers?: components["schemas"]["PriceTier"][];
        };
        /** @description Prices of requests with more input than `above`. */
        PriceTier: {
            /**
             * Format: int64
             * @description The most input tokens that do not yet cost this.
             */
            above: number;
            /**
             * Format: double
             * @description Input read from the cache.
             */
            cacheRead?: number | null;
            /**
             * Format: double
             * @description Input written to the cache for one hour.
             */
            cacheWrite1h?: number | null;
            /**
             * Format: double
             * @description Input written to the cache for five minutes.
             */
            cacheWrite5m?: number | null;
            /**
             * Format: double
             * @description Input.
             */
            input: number;
            /**
             * Format: double
             * @description Audio input.
             */
            inputAudio?: number | null;
            /**
             * Format: double
             * @description Output.
             */
            output: number;
            /**
             * Format: double
             * @description Audio output.
             */
            outputAudio?: number | null;
            /**
             * Format: double
             * @description Reasoning.
             */
            reasoning?: number | null;
        };
        /** @description How a tenant's own keys at one provider are doing (`GET /v1/providers`). */
        ProviderHealth: {
            /** @description The tenant's keys there. */
            credentials: components["schemas"]["CredentialHealth"][];
            /** @description The host's id. */
            host: string;
            /** @description The name people know. */
            name: string;
        };
        /** @description One page of a list. */
        ProviderHealthPage: {
            data: components["schemas"]["ProviderHealth"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description What a relay key may use in a calendar month (UTC); what is absent is not limited. */
        Quotas: {
            /**
             * Format: double
             * @description US dollars, by the catalog's prices.
             */
            dollars?: number | null;
            /**
             * Format: int64
             * @description Calls.
             */
            requests?: number | null;
            /**
             * Format: int64
             * @description Tokens, input and output together.
             */
            tokens?: number | null;
        };
        /** @description What a relay key has used in the current calendar month (UTC). */
        QuotaUse: {
            /**
             * Format: int64
             * @description Cost in billionths of a US dollar.
             */
            costNanodollars: number;
            /**
             * Format: int64
             * @description Calls that were answered.
             */
            requests: number;
            /**
             * Format: int64
             * @description Tokens, input and output together.
             */
            tokens: number;
        };
        /** @description What would be reached, decided by the very code that routes calls, but calling nobody. */
        Reach: {
            /** @description Whose keys a call uses. */
            keys: components["schemas"]["KeySource"];
            /** @description The limits that such a call has to pass. */
            limits: components["schemas"]["Limit"][];
            /** @description The models, those that are reached first. */
            models: components["schemas"]["ReachedModel"][];
            /** @description Pass as `cursor` to get the next ones; absent at the end. */
            nextCursor?: string | null;
            /** @description The policy's name; empty where there is none. */
            policy: string;
            /**
             * Format: int64
             * @description How many models of those that were asked about are reached.
             */
            reachable: number;
            refused?: components["schemas"]["Refused"] | null;
            /** @description In which order candidates are tried. */
            strategy: components["schemas"]["Strategy"];
            /**
             * Format: int64
             * @description How many were asked about.
             */
            total: number;
        };
        /**
         * @description `POST /v1/reach`: what would a relay key, a policy, or rules that are not saved yet let through?
         *     At most one of `relayKeyId`, `policyId` and `rules`; without any, what a key without a policy may.
         */
        ReachAsked: {
            /** @description `nextCursor` of the answer before. */
            cursor?: string | null;
            /** @description The dialect that a call would be in; any, when left out. */
            dialect?: string | null;
            /**
             * Format: int32
             * @description How many models at most, 1 to 200; 50 when left out.
             */
            limit?: number | null;
            /** @description One model, by whatever name a caller would use; the whole catalog, when left out. */
            model?: string | null;
            /** @description Whether a call would say that this user pays. */
            paid?: boolean | null;
            /** @description A policy's id or name. */
            policyId?: string | null;
            /** @description Of the catalog, models whose id or name has this text. */
            q?: string | null;
            /** @description A relay key's id. */
            relayKeyId?: string | null;
            rules?: components["schemas"]["PolicyRules"] | null;
            /** @description The end user that a call would name. */
            user?: string | null;
        };
        /** @description One key that a call may use at a host. */
        ReachedCredential: {
            /** @description The credential's id. */
            id: string;
            /** @description The key's last four characters. */
            last4: string;
            /** @description Its name in the pool; `default` for an end user's. */
            name: string;
            /** @description How it is doing. */
            state: components["schemas"]["CredentialState"];
            until?: components["schemas"]["Timestamp"] | null;
            /** @description The end user it belongs to; the tenant's own, when absent. */
            user?: string | null;
        };
        /** @description One host that a model leads to. */
        ReachedHost: {
            /** @description Whether a call may be sent there, with a key that there is. */
            allowed: boolean;
            /** @description The keys that may be used there. Told where one model was asked about. */
            credentials?: components["schemas"]["ReachedCredential"][];
            /** @description The model of the policy's fallbacks that leads here, if not the model itself. */
            fallback?: string | null;
            /** @description The host's id. */
            host: string;
            /** @description The model's name there. */
            model: string;
            /** @description The host's name. */
            name: string;
            /** @description Why not: the error's code. */
            reason?: string | null;
        };
        /** @description What would become of a call of one model. */
        ReachedModel: {
            /** @description Whether a call of it would be sent to somebody. */
            allowed: boolean;
            /** @description The hosts that the model leads to, in the order in which they are tried. */
            hosts: components["schemas"]["ReachedHost"][];
            /** @description The model's id, or the name that was asked about. */
            id: string;
            refused?: components["schemas"]["Refused"] | null;
        };
        /** @description A call that failed at its provider. */
        RecentError: {
            /** @description When. */
            at: components["schemas"]["Timestamp"];
            /** @description The model's name at the host. */
            model: string;
            /** @description What failed. */
            outcome: components["schemas"]["Outcome"];
        };
        /** @description Why something is refused, in the words that a caller would get. */
        Refused: {
            /** @description The error's code, as in the list of errors: `model_not_allowed`, `user_not_connected`, ... */
            code: string;
            /** @description The sentence. */
            message: string;
        };
        /** @description `201` answer to `NewRegistrationToken`. */
        RegistrationToken: {
            /** @description When it stops working. */
            expiresAt: components["schemas"]["Timestamp"];
            /** @description The signed token for `Relay.mount`. */
            registrationToken: string;
        };
        /** @description A relay key as lists show it: everything but the key. */
        RelayKey: components["schemas"]["KeySettings"] & {
            /** @description When it was made. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description Whether it is switched off for now. */
            disabled?: boolean;
            /** @description The one end user it is for, if it is bound to one. */
            endUser?: string | null;
            expiresAt?: components["schemas"]["Timestamp"] | null;
            /** @description The beginning and end of the key, e.g. `rly-3fK9…x2Qa`. */
            hint: string;
            /** @description The key's id (UUIDv7). */
            id: string;
            lastUsedAt?: components["schemas"]["Timestamp"] | null;
            /** @description What people call it. */
            name: string;
            /** @description The id of its policy; none allows everything. */
            policy?: string | null;
            previousExpiresAt?: components["schemas"]["Timestamp"] | null;
            revokedAt?: components["schemas"]["Timestamp"] | null;
            rotatedAt?: components["schemas"]["Timestamp"] | null;
            /** @description What it may do. */
            scopes: components["schemas"]["Scope"][];
            usedThisMonth?: components["schemas"]["QuotaUse"] | null;
            /**
             * @description A request's own field for a user (OpenAI's `user`, Anthropic's `metadata.user_id`) names the
             *     end user where no `X-Relay-User` does: for tools that can set no header.
             */
            userFromBody?: boolean;
        };
        /** @description One page of a list. */
        RelayKeyPage: {
            data: components["schemas"]["RelayKey"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description `GET /v1/requests/{id}`: a request and how it went. */
        RequestDetail: components["schemas"]["RequestRecord"] & {
            /** @description The answer as the caller got it (a stream's events), if it was kept, without what looks like a key. */
            completion?: string | null;
            /** @description Whether only its beginning was kept. */
            completionCut?: boolean;
            /** @description The body that was sent, if it was kept, without what looks like a key. */
            prompt?: string | null;
            /** @description Whether only its beginning was kept. */
            promptCut?: boolean;
            /** @description Its phases and attempts. */
            trace: components["schemas"]["Trace"];
        };
        /** @description One inference call, as the console's request list shows it (`GET /v1/requests`). */
        RequestRecord: {
            /** @description When it arrived. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description How many candidates were tried.
             */
            attempts?: number;
            /**
             * Format: int64
             * @description The part of `input_tokens` that was read from the provider's cache.
             */
            cachedReadTokens?: number | null;
            /**
             * Format: int64
             * @description The part of `input_tokens` that was written to the provider's cache.
             */
            cachedWriteTokens?: number | null;
            /**
             * Format: int64
             * @description Cost in billionths of a US dollar by the catalog's price at the time; absent where the price or the usage is
             *     not known.
             */
            costNanodollars?: number | null;
            /** @description The last four characters of the provider key that answered, or was tried last. */
            credentialLast4?: string | null;
            /** @description What the caller spoke: `openai-chat`, `anthropic-messages`, ... */
            dialect?: string | null;
            /**
             * Format: int64
             * @description Whole milliseconds from arrival to the last byte.
             */
            durationMs: number;
            /** @description The end user's label, if the call named one. */
            endUser?: string | null;
            /** @description What kind of error, in the words of `ErrorCategory`. */
            errorCategory?: string | null;
            /** @description The error's code, if it failed. */
            errorCode?: string | null;
            /**
             * Format: int64
             * @description Whole milliseconds from arrival to the first byte of the answer.
             */
            firstByteMs?: number | null;
            /** @description The id in `x-relay-request-id`. */
            id: string;
            /**
             * Format: int64
             * @description Input tokens as the provider counted them.
             */
            inputTokens?: number | null;
            /** @description The model the caller asked for. */
            model: string;
            /** @description `chat`, `embeddings` or `count-tokens`. */
            operation: string;
            /**
             * Format: int64
             * @description Output tokens as the provider counted them.
             */
            outputTokens?: number | null;
            /** @description Whether the app said that this user pays (`X-Relay-Paid`). */
            paid?: boolean | null;
            /** @description Whether the answer ended before it was whole. */
            partial?: boolean;
            /** @description The id of the policy it was held to. */
            policy?: string | null;
            /** @description The host that the model leads to, if it leads to one. */
            provider?: string | null;
            /**
             * Format: int64
             * @description The part of `output_tokens` spent on reasoning.
             */
            reasoningTokens?: number | null;
            /** @description The relay key's name. */
            relayKey?: string | null;
            /** @description The relay key's id. */
            relayKeyId?: string;
            /**
             * Format: int32
             * @description HTTP status the caller got.
             */
            status: number;
            /** @description Whether the answer was streamed. */
            streamed: boolean;
            /** @description The model's name at that host. */
            upstreamModel?: string | null;
        };
        /** @description One page of a list. */
        RequestRecordPage: {
            data: components["schemas"]["RequestRecord"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description A model that a key is not used for at the moment. */
        RestingModel: {
            /** @description The model's name at the host. */
            model: string;
            /** @description What failed last. */
            reason: components["schemas"]["Outcome"];
            /** @description `resting` or `open`. */
            state: components["schemas"]["CredentialState"];
            /** @description When it may serve again. */
            until: components["schemas"]["Timestamp"];
        };
        /** @description `POST /v1/relay-keys/{id}/rotate`: answers a `CreatedRelayKey` of the same id with a new bearer. */
        RotateRelayKey: {
            grace?: components["schemas"]["ExpiresIn"] | null;
        };
        /** @description `POST /v1/webhooks/{id}/rotate`: another signing secret. */
        RotateWebhook: {
            grace?: components["schemas"]["ExpiresIn"] | null;
        };
        /**
         * @description What a relay key may do.
         * @enum {string}
         */
        Scope: "inference" | "tokens" | "manage";
        /**
         * @description In which order candidates are tried.
         * @enum {string}
         */
        Strategy: "priority" | "weighted" | "least-recent" | "fastest" | "cheapest";
        /** @description What a tenant decides for all of its pages (`GET /v1/settings`). */
        TenantSettings: {
            /**
             * @description Web origins (`https://app.example.com`) whose pages may use the widget with a registration
             *     token that names no origins itself, and may show `/connect` in a frame. Empty: any page may use
             *     the widget with such a token, and none may frame.
             */
            allowedOrigins?: string[];
            /** @description How the widget looks where the page says nothing else. */
            branding?: components["schemas"]["Branding"];
            /**
             * Format: int32
             * @description How many days the operator keeps them at most; for good, when absent.
             */
            longestRetentionDays?: number | null;
            /**
             * Format: int32
             * @description How many days requests are kept one by one; as long as the operator keeps them, when absent.
             */
            requestsRetentionDays?: number | null;
            /** @description What people call the tenant; one name is one tenant of this Relay. */
            tenantName: string;
            updatedAt?: components["schemas"]["Timestamp"] | null;
        };
        /**
         * Format: date-time
         * @description An instant as RFC 3339 text in UTC.
         * @example 2026-11-21T02:06:58.000Z
         */
        Timestamp: string;
        /**
         * @description What an end user may do with a registration token.
         * @enum {string}
         */
        TokenScope: "connect" | "manage";
        /** @description How one request went, step by step. */
        Trace: {
            /** @description Every candidate that was tried, or skipped, in order. */
            attempts?: components["schemas"]["Attempt"][];
            /** @description Milliseconds from arrival to each phase that was reached. */
            phases?: components["schemas"]["Phase"][];
        };
        /**
         * @description `GET /v1/usage?from=&to=&by=&grain=`: what was used in a stretch of time. The stretch is widened to full
         *     hours or days.
         */
        Usage: {
            by?: components["schemas"]["UsageBy"] | null;
            /** @description When the first step begins. */
            from: components["schemas"]["Timestamp"];
            /** @description The steps. */
            grain: components["schemas"]["Grain"];
            /** @description Step by step, of the same values, in the order of time; steps without calls are left out. */
            points: components["schemas"]["UsagePoint"][];
            /** @description When the last step has ended. */
            to: components["schemas"]["Timestamp"];
            /** @description The whole stretch, everything together. */
            total: components["schemas"]["UsagePoint"];
            /**
             * @description The whole stretch by value: those that cost most (then: were called most) first, at most 50, and the rest
             *     together as `other`: with it they add up to `total`. Empty without `by`.
             */
            values?: components["schemas"]["UsagePoint"][];
        };
        /**
         * @description What usage is told apart by.
         * @enum {string}
         */
        UsageBy: "key" | "user" | "model" | "provider" | "tier";
        /** @description Sums over a stretch of time, for one value of what they are grouped by. */
        UsagePoint: {
            /**
             * Format: int64
             * @description The part of `input_tokens` read from a provider's cache.
             */
            cachedReadTokens: number;
            /**
             * Format: int64
             * @description The part of `input_tokens` written to a provider's cache.
             */
            cachedWriteTokens: number;
            /**
             * Format: int64
             * @description Cost in billionths of a US dollar, of the calls whose price is known.
             */
            costNanodollars: number;
            /**
             * Format: int64
             * @description Calls that failed.
             */
            failed: number;
            /**
             * Format: int64
             * @description Input tokens, cached ones included.
             */
            inputTokens: number;
            /** @description A name people know for `value`, where it is an id. */
            name?: string | null;
            /**
             * @description Whether these are the calls of all values that are not told apart, and those that have none (refused before
             *     their model was known, of no end user, or of one erased since); `value` is empty then.
             */
            other?: boolean;
            /**
             * Format: int64
             * @description Output tokens, reasoning included.
             */
            outputTokens: number;
            /**
             * Format: int64
             * @description The part of `output_tokens` spent on reasoning.
             */
            reasoningTokens: number;
            /**
             * Format: int64
             * @description Calls.
             */
            requests: number;
            /** @description When the hour, the day or the whole stretch begins. */
            start: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Calls with usage whose price is not known.
             */
            unpriced: number;
            /** @description The relay key's id, the end user's label, the model, the host or the tier; empty for all together. */
            value: string;
        };
        /** @description An address that is told of events (`GET /v1/webhooks`). */
        Webhook: {
            /** @description When it was made. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description What people wrote about it; may be empty. */
            description: string;
            /** @description Why Relay itself switched it off: `failing` (for five days nothing was taken) or `gone` (it answered 410). */
            disabledReason?: string | null;
            /** @description Whether events are sent. */
            enabled: boolean;
            /** @description Which. */
            events: components["schemas"]["WebhookEvent"][];
            failingSince?: components["schemas"]["Timestamp"] | null;
            /** @description The webhook's id (UUIDv7). */
            id: string;
            lastDelivery?: components["schemas"]["LastDelivery"] | null;
            previousSecretExpiresAt?: components["schemas"]["Timestamp"] | null;
            /** @description How the signing secret ends. */
            secretHint: string;
            /** @description Where events are sent. */
            url: string;
        };
        /**
         * @description What a tenant may be told of.
         * @enum {string}
         */
        WebhookEvent: "credential.connected" | "credential.broken" | "credential.disconnected" | "quota.threshold" | "key.expiring";
        /** @description One page of a list. */
        WebhookPage: {
            data: components["schemas"]["Webhook"][];
            /** @description Pass as `?cursor=` to get the next page; absent on the last one. */
            nextCursor?: string;
        };
        /** @description Answer to a new webhook and to a rotation. The only time the secret is shown. */
        WebhookWithSecret: components["schemas"]["Webhook"] & {
            /** @description What deliveries are signed with: `whsec_` and base64. */
            secret: string;
        };
    };
    responses: {
        /** @description The call is at fault, may not be made, or failed. */
        AnthropicProblem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AnthropicError"];
            };
        };
        /** @description Relay failed, or could not reach its database or a provider. */
        Failed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description The caller may not do this. */
        Forbidden: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description The call is at fault, may not be made, or failed. */
        GeminiProblem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["GeminiError"];
            };
        };
        /** @description A call with this `Idempotency-Key` is under way, `idempotency_in_progress`, or was done and its answer is not kept, `idempotency_answer_not_kept`. */
        KeyInUse: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description This `Idempotency-Key` was sent with another body: `idempotency_key_reused`. */
        KeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description There is no such thing: `not_found`. */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description The call is at fault, may not be made, or failed. */
        OpenAiProblem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiError"];
            };
        };
        /** @description The call is at fault, may not be made, or failed. */
        ProblemOfEitherShape: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OpenAiError"] | components["schemas"]["AnthropicError"] | components["schemas"]["GeminiError"];
            };
        };
        /** @description The body is too large: `body_too_large`. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description Nobody may call with what was sent, or nothing was. */
        Unknown: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
        /** @description What was sent cannot be used: `invalid_request`, `invalid_json`, ... */
        Unusable: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ErrorBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAuditEntries: {
        parameters: {
            query?: {
                /** @description What was done: `relay-key.create`, `credential.remove`, ... */
                action?: string;
                /** @description The id of a relay key or a member, or an end user's label. */
                actor?: string;
                /** @description Who did it. */
                actorKind?: "relay-key" | "member" | "end-user" | "operator" | "relay";
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description A path below `/v1`: what was done to it, and to what is below it. */
                subject?: string;
                /** @description Until when, itself not part of it. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditEntryPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    listCatalogModels: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description Models that this host serves. */
                provider?: string;
                /** @description Models whose id or name has this text. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The catalog's, and the tenant's own in their place. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getCatalogModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The model's id; its slashes may stay as they are. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The model. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    putCatalogModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The model's id; its slashes may stay as they are. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "context": 128000,
                 *       "bindings": [
                 *         {
                 *           "host": "acme",
                 *           "model": "large-2",
                 *           "prices": {
                 *             "input": 3,
                 *             "output": 15
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewModel"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
        };
    };
    deleteCatalogModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The model's id; its slashes may stay as they are. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    listCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them: one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialPage"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    putDefaultCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "apiKey": "PROVIDER_KEY",
                 *       "weight": 3
                 *     }
                 */
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Changed, or connected in place of another key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Connected. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            /** @description `key_refused` by its provider, or `key_malformed`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteDefaultCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    putPoolCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 64 lower-case letters, digits, `-` and `_`. */
                name: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "apiKey": "PROVIDER_KEY",
                 *       "weight": 3
                 *     }
                 */
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Changed, or connected in place of another key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Connected. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            /** @description `key_refused` by its provider, or `key_malformed`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deletePoolCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description 1 to 64 lower-case letters, digits, `-` and `_`. */
                name: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    testCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description 1 to 64 lower-case letters, digits, `-` and `_`. */
                name: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description What it says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialTest"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["KeyInUse"];
            422: components["responses"]["KeyReused"];
        };
    };
    listHosts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them, the catalog's and the tenant's own: one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HostPage"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The host. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    putHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Acme",
                 *       "baseUrl": "https://api.acme.example/v1"
                 *     }
                 */
                "application/json": components["schemas"]["NewHost"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Replaced. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            /** @description Made. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Host"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `host_in_use`: keys are connected to it, or models bound. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
        };
    };
    deleteHost: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `host_in_use`: keys are connected to it, or models bound. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listPolicies: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Policies. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    createPolicy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "small-models",
                 *       "rules": {
                 *         "models": {
                 *           "allow": [
                 *             "*-mini",
                 *             "*-haiku-*"
                 *           ]
                 *         },
                 *         "keys": "user-then-pool"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewPolicy"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The policy. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            /** @description `name_taken`. A call with this `Idempotency-Key` is under way, `idempotency_in_progress`, or was done and its answer is not kept, `idempotency_answer_not_kept`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The policy's id, or its name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The policy. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    replacePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The policy's id, or its name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "small-models",
                 *       "rules": {
                 *         "models": {
                 *           "allow": [
                 *             "*-mini",
                 *             "*-haiku-*"
                 *           ]
                 *         },
                 *         "keys": "user-then-pool"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewPolicy"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The policy as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `name_taken`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
        };
    };
    deletePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The policy's id, or its name. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `policy_in_use`: relay keys are held to it. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    listProviders: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them: one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderHealthPage"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    testReach: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rules": {
                 *         "models": {
                 *           "allow": [
                 *             "gpt-*"
                 *           ]
                 *         }
                 *       },
                 *       "model": "gpt-4o-mini",
                 *       "user": "ada"
                 *     }
                 */
                "application/json": components["schemas"]["ReachAsked"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description What would be reached, and why not the rest. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reach"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
        };
    };
    createRegistrationToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "endUserLabel": "ada",
                 *       "provider": "openai",
                 *       "expiresIn": "15m",
                 *       "allowedOrigins": [
                 *         "https://app.example.com"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewRegistrationToken"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The token, for `Relay.mount`. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistrationToken"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["KeyInUse"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    listRelayKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them: one page. The keys themselves are not told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelayKeyPage"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    createRelayKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "app",
                 *       "scopes": [
                 *         "inference",
                 *         "tokens"
                 *       ],
                 *       "policy": "small-models",
                 *       "limits": [
                 *         {
                 *           "on": "user",
                 *           "metric": "requests",
                 *           "per": "minute",
                 *           "amount": 20
                 *         }
                 *       ],
                 *       "quotas": {
                 *         "dollars": 100
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewRelayKey"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The key: the only time it is told. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedRelayKey"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["KeyInUse"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    getRelayKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The relay key, but not the key itself. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelayKey"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    revokeRelayKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    updateRelayKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "disabled": true,
                 *       "policy": null
                 *     }
                 */
                "application/json": components["schemas"]["ChangedRelayKey"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The relay key as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RelayKey"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `relay_key_revoked`: it stays so. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
        };
    };
    rotateRelayKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "grace": "24h"
                 *     }
                 */
                "application/json": components["schemas"]["RotateRelayKey"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The new key: the only time it is told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedRelayKey"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `relay_key_revoked`: it stays so. A call with this `Idempotency-Key` is under way, `idempotency_in_progress`, or was done and its answer is not kept, `idempotency_answer_not_kept`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description A request's id, or its beginning. */
                id?: string;
                /** @description A relay key's id. */
                key?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description The model that callers asked for. */
                model?: string;
                /** @description A request's id: those that arrived after it, the oldest first, without a cursor. A call is listed once it has ended, so one that took long may have arrived before others that are listed already. */
                newer?: string;
                /** @description The host's id. */
                provider?: string;
                /** @description A status (`429`), a class of them (`4xx`), or `error`. */
                status?: string;
                /** @description Until when, itself not part of it. */
                to?: string;
                /** @description An end user's label. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Inference calls. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestRecordPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The call, its phases and attempts, and its bodies if they were kept. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestDetail"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    exportRequests: {
        parameters: {
            query?: {
                /** @description `csv` when left out. */
                format?: "csv" | "ndjson";
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description A request's id, or its beginning. */
                id?: string;
                /** @description A relay key's id. */
                key?: string;
                /** @description The model that callers asked for. */
                model?: string;
                /** @description The host's id. */
                provider?: string;
                /** @description A status (`429`), a class of them (`4xx`), or `error`. */
                status?: string;
                /** @description Until when, itself not part of it. */
                to?: string;
                /** @description An end user's label. */
                user?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The calls. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The settings. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantSettings"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    updateSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "allowedOrigins": [
                 *         "https://app.example.com"
                 *       ],
                 *       "branding": {
                 *         "accentColor": "#0a5dc2"
                 *       },
                 *       "requestsRetentionDays": 30
                 *     }
                 */
                "application/json": components["schemas"]["ChangedTenantSettings"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The settings as they are now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantSettings"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            /** @description `tenant_name_taken`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            413: components["responses"]["TooLarge"];
        };
    };
    getUsage: {
        parameters: {
            query?: {
                /** @description What it is told apart by. */
                by?: "key" | "user" | "model" | "provider" | "tier";
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description The steps: `day` when left out. */
                grain?: "hour" | "day";
                /** @description Until when, itself not part of it. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Sums. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getLatency: {
        parameters: {
            query?: {
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description The steps: `day` when left out. */
                grain?: "hour" | "day";
                /** @description Until when, itself not part of it. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Percentiles. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Latency"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description Users whose label begins so, sorted by label. */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description End users with what they have connected, and used this month. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndUserPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The end user with what is connected, and was used this month. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndUser"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    listUserCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them: one page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    putUserCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "apiKey": "PROVIDER_KEY"
                 *     }
                 */
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Connected in place of another key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            /** @description Connected. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            /** @description `key_refused` by its provider, or `key_malformed`. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
        };
    };
    deleteUserCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    testUserCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
                /** @description The host's id: `openai`, `anthropic`, `google`, ... */
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description What it says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CredentialTest"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["KeyInUse"];
            422: components["responses"]["KeyReused"];
        };
    };
    getUserUsage: {
        parameters: {
            query?: {
                /** @description An instant (`2026-11-21T02:06:58Z`), or a day (UTC). */
                from?: string;
                /** @description The steps: `day` when left out. */
                grain?: "hour" | "day";
                /** @description Until when, itself not part of it. */
                to?: string;
            };
            header?: never;
            path: {
                /** @description The end user's label, percent-encoded. */
                label: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Sums. Nothing, where nobody of this label ever called. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description All of them: one page. The secrets are not told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookPage"];
                };
            };
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://example.com/hooks/relay",
                 *       "events": [
                 *         "credential.broken",
                 *         "quota.threshold"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The signing secret: the only time it is told. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["KeyInUse"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The webhook, but not its secret. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "enabled": true
                 *     }
                 */
                "application/json": components["schemas"]["ChangedWebhook"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description `nextCursor` of the page before. */
                cursor?: string;
                /** @description How many rows at most. */
                limit?: number;
                /** @description How it stands. */
                status?: "pending" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description Deliveries with their attempts. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryPage"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
        };
    };
    retryWebhookDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id. */
                delivery: string;
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The delivery, taken or not. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            /** @description `delivery_in_progress`: it is being tried. A call with this `Idempotency-Key` is under way, `idempotency_in_progress`, or was done and its answer is not kept, `idempotency_answer_not_kept`. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorBody"];
                };
            };
            422: components["responses"]["KeyReused"];
        };
    };
    rotateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "grace": "24h"
                 *     }
                 */
                "application/json": components["schemas"]["RotateWebhook"];
            };
        };
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The new secret: the only time it is told. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["KeyInUse"];
            413: components["responses"]["TooLarge"];
            422: components["responses"]["KeyReused"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Names this call, by a fresh UUID: sent again with the same key and body within 24 hours it is not done again, and gets the first one's answer, with `Idempotency-Replayed: true`. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "5XX": components["responses"]["Failed"];
            /** @description The delivery, taken or not. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["Unusable"];
            401: components["responses"]["Unknown"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["KeyInUse"];
            422: components["responses"]["KeyReused"];
        };
    };
}
