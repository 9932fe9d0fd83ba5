--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: account; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.account (
    id character varying NOT NULL,
    tenant character varying NOT NULL,
    email character varying NOT NULL,
    provider character varying NOT NULL,
    vendor_id character varying NOT NULL,
    address character varying NOT NULL,
    calendar character varying NOT NULL,
    endpoint character varying NOT NULL,
    username character varying NOT NULL,
    scopes character varying NOT NULL,
    "grant" character varying NOT NULL,
    state character varying NOT NULL,
    reason character varying,
    chosen_at timestamp with time zone,
    state_at timestamp with time zone NOT NULL,
    secret bytea,
    token bytea,
    token_until timestamp with time zone,
    token_version integer NOT NULL,
    lock_token character varying,
    lock_until timestamp with time zone,
    check_at timestamp with time zone
);


--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: api_token; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_token (
    id character varying NOT NULL,
    tenant character varying NOT NULL,
    name character varying NOT NULL,
    scopes character varying NOT NULL,
    hash character varying NOT NULL,
    created timestamp with time zone NOT NULL,
    last_used timestamp with time zone,
    revoked timestamp with time zone
);


--
-- Name: arrival; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.arrival (
    id character varying NOT NULL,
    tenant character varying NOT NULL,
    email character varying NOT NULL,
    name character varying NOT NULL,
    return_url character varying NOT NULL,
    locale character varying NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    spent timestamp with time zone
);


--
-- Name: attempt; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempt (
    id integer NOT NULL,
    tenant character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    n integer NOT NULL,
    "do" character varying NOT NULL,
    version integer NOT NULL,
    channel character varying NOT NULL,
    account character varying,
    material_fp character varying NOT NULL,
    quiet_fp character varying NOT NULL,
    wire bytea,
    outcome character varying NOT NULL,
    started timestamp with time zone NOT NULL,
    deadline timestamp with time zone NOT NULL,
    sends integer NOT NULL,
    maybes integer NOT NULL,
    ended timestamp with time zone,
    vendor_request_id character varying,
    answer character varying
);


--
-- Name: attempt_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.attempt_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: attempt_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.attempt_id_seq OWNED BY public.attempt.id;


--
-- Name: batch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.batch (
    id integer NOT NULL,
    tenant character varying NOT NULL,
    source character varying NOT NULL,
    state character varying NOT NULL,
    counts character varying NOT NULL,
    digest character varying NOT NULL,
    opened timestamp with time zone NOT NULL,
    closed timestamp with time zone
);


--
-- Name: batch_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.batch_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: batch_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.batch_id_seq OWNED BY public.batch.id;


--
-- Name: booked_session; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.booked_session (
    tenant character varying NOT NULL,
    id character varying NOT NULL,
    source character varying NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    digest character varying NOT NULL,
    status character varying NOT NULL,
    program character varying,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    record text,
    stale character varying,
    stored_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone,
    missing_since timestamp with time zone
);


--
-- Name: consent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.consent (
    id character varying NOT NULL,
    tenant character varying NOT NULL,
    visit character varying NOT NULL,
    email character varying NOT NULL,
    provider character varying NOT NULL,
    step character varying NOT NULL,
    sealed bytea,
    created timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: copy; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.copy (
    tenant character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    n integer NOT NULL,
    uid character varying NOT NULL,
    channel character varying NOT NULL,
    account character varying,
    address character varying NOT NULL,
    place_key character varying NOT NULL,
    state character varying NOT NULL,
    organizer character varying NOT NULL,
    remote_id character varying,
    revision character varying,
    sequence integer NOT NULL,
    material_fp character varying,
    quiet_fp character varying,
    content bytea,
    replace boolean NOT NULL,
    holds boolean NOT NULL,
    before character varying,
    seen_version integer,
    last_attempt integer,
    look_at timestamp with time zone,
    handed_to character varying,
    looks_done integer NOT NULL,
    changed_at timestamp with time zone NOT NULL
);


--
-- Name: dead_letter; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.dead_letter (
    id integer NOT NULL,
    tenant character varying NOT NULL,
    first integer NOT NULL,
    last integer NOT NULL,
    attempts integer NOT NULL,
    reason character varying NOT NULL,
    at timestamp with time zone NOT NULL
);


--
-- Name: dead_letter_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.dead_letter_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: dead_letter_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.dead_letter_id_seq OWNED BY public.dead_letter.id;


--
-- Name: delivery; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.delivery (
    tenant character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    email character varying NOT NULL,
    person character varying NOT NULL,
    want character varying NOT NULL,
    content text,
    material_fp character varying NOT NULL,
    quiet_fp character varying NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    channel character varying,
    account character varying,
    address character varying,
    place_key character varying,
    covered_by character varying,
    version integer NOT NULL,
    material_version integer NOT NULL,
    batch integer,
    due_at timestamp with time zone,
    settle_from timestamp with time zone,
    settle_until timestamp with time zone,
    look_at timestamp with time zone,
    slot character varying,
    priority integer NOT NULL,
    attempts integer NOT NULL,
    parked character varying,
    last_error character varying,
    lease_token character varying,
    lease_until timestamp with time zone,
    lease_version integer,
    mail_from timestamp with time zone
);


--
-- Name: fact; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.fact (
    id integer NOT NULL,
    ident character varying NOT NULL,
    tenant character varying NOT NULL,
    number integer,
    at timestamp with time zone NOT NULL,
    kind character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    account character varying,
    detail character varying NOT NULL
);


--
-- Name: fact_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.fact_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: fact_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.fact_id_seq OWNED BY public.fact.id;


--
-- Name: feed; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.feed (
    tenant character varying NOT NULL,
    last integer NOT NULL,
    purged integer NOT NULL
);


--
-- Name: instance; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.instance (
    id integer NOT NULL,
    namespace character varying NOT NULL,
    tzdata character varying,
    configuration character varying,
    heartbeat timestamp with time zone,
    owner character varying,
    owner_until timestamp with time zone
);


--
-- Name: instance_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.instance_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: instance_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.instance_id_seq OWNED BY public.instance.id;


--
-- Name: journal; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.journal (
    id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    tenant character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    n integer,
    what character varying NOT NULL,
    detail character varying NOT NULL
);


--
-- Name: journal_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.journal_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: journal_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.journal_id_seq OWNED BY public.journal.id;


--
-- Name: lane; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.lane (
    slot character varying NOT NULL,
    lane integer NOT NULL,
    lease_token character varying,
    lease_until timestamp with time zone
);


--
-- Name: limiter; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.limiter (
    key character varying NOT NULL,
    tat timestamp with time zone NOT NULL
);


--
-- Name: mail_count; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mail_count (
    tenant character varying NOT NULL,
    session character varying NOT NULL,
    participant character varying NOT NULL,
    day character varying NOT NULL,
    count integer NOT NULL
);


--
-- Name: notice; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.notice (
    tenant character varying NOT NULL,
    kind character varying NOT NULL,
    person character varying NOT NULL,
    subject_key character varying NOT NULL,
    wire bytea,
    state character varying NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone,
    lease_token character varying,
    lease_until timestamp with time zone,
    created timestamp with time zone NOT NULL
);


--
-- Name: pause; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.pause (
    tenant character varying NOT NULL,
    channel character varying NOT NULL,
    by character varying NOT NULL,
    reason character varying NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone
);


--
-- Name: quarantine; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.quarantine (
    source character varying NOT NULL,
    record character varying NOT NULL,
    field character varying NOT NULL,
    reason character varying NOT NULL,
    since timestamp with time zone NOT NULL
);


--
-- Name: slot; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.slot (
    slot character varying NOT NULL,
    tenant character varying NOT NULL,
    channel character varying NOT NULL,
    account character varying,
    cooling_until timestamp with time zone,
    failures integer NOT NULL,
    next_due timestamp with time zone
);


--
-- Name: source_cursor; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.source_cursor (
    name character varying NOT NULL,
    cursor text,
    last_ok timestamp with time zone,
    last_error character varying,
    failing_since timestamp with time zone,
    swept_at timestamp with time zone,
    sweep_tried_at timestamp with time zone,
    sweep_error character varying,
    poll_token character varying,
    poll_until timestamp with time zone
);


--
-- Name: visit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.visit (
    id character varying NOT NULL,
    tenant character varying NOT NULL,
    email character varying NOT NULL,
    name character varying NOT NULL,
    return_url character varying NOT NULL,
    locale character varying NOT NULL,
    created timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: webhook; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook (
    tenant character varying NOT NULL,
    sent integer NOT NULL,
    attempts integer NOT NULL,
    failing_since timestamp with time zone,
    last_error character varying,
    due_at timestamp with time zone NOT NULL,
    lease_token character varying,
    lease_until timestamp with time zone
);


--
-- Name: attempt id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt ALTER COLUMN id SET DEFAULT nextval('public.attempt_id_seq'::regclass);


--
-- Name: batch id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.batch ALTER COLUMN id SET DEFAULT nextval('public.batch_id_seq'::regclass);


--
-- Name: dead_letter id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dead_letter ALTER COLUMN id SET DEFAULT nextval('public.dead_letter_id_seq'::regclass);


--
-- Name: fact id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fact ALTER COLUMN id SET DEFAULT nextval('public.fact_id_seq'::regclass);


--
-- Name: instance id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.instance ALTER COLUMN id SET DEFAULT nextval('public.instance_id_seq'::regclass);


--
-- Name: journal id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.journal ALTER COLUMN id SET DEFAULT nextval('public.journal_id_seq'::regclass);


--
-- Data for Name: account; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.account VALUES ('google-1e06a11dc5d5', 'default', 'maya@gmail.example', 'google', '420958949887591180121', 'maya@gmail.example', 'primary', '', '', 'https://www.googleapis.com/auth/calendar.events.owned https://www.googleapis.com/auth/userinfo.email openid', 'own', 'active', NULL, '2026-11-29 04:01:07.854577+13:45', '2026-11-29 04:01:07.854577+13:45', '\x01026b3103c2d73c13407fa4dc793cd04048bc94ad9d21c89d8ad1a2169aaeeedc25b24a783cd1027f07e803303c888fc5dfaa423e2beac1f864a60cf687b0518b10e7ab67d6fb6be3f61e6d9691b8beae32ffdd6aed68df', '\x01026b31152ce2d2193d25cdc1f022b1a23e9630c6c1f3810aa80edaf1652fa46b0b507f16e40567678faca635c437d0c40bce35aacd3017303473baee7a81897deacce48d', '2026-11-29 05:01:17.522425+13:45', 2, NULL, NULL, NULL);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0004');


--
-- Data for Name: api_token; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: arrival; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: attempt; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attempt VALUES (2, 'default', 'ses-1', 'u-1', 1, 'create', 1, 'google', 'google-1e06a11dc5d5', '1.cec5a863266654f6f894', '1.4ca76259e8d20e27d823', '\x01026b31fa7b26ed98a2bb1dbbff702ab3a1e30ad3c0f692f499970d96719d56c1bc28ada05dd2076689c2db1947483b6cc40cfc1e0af2b83fa8fa0287da34a5632d60ae59bccefa5427100c557eb4d6c0dbe8684164e0b4e70af66f090e25c2cb99b8df95b4736609c6a4e0ab06b5835afded0517c5b3006fdaaebb39e0b90f490778b4dcedeb47d2217d8ee18c84d245412a10f88b603900db688f7d90ea651bff53c458fe2ac9e8e111176456783fc15226a52c35bc9a5b5d4d4b8964f5427afb22b5378306efde58cebf8198d2989962dfdb5699a4a89fa773272e2a13aae09431f7263b3a4704defaf3d329384f9c265d1409e23517fa13f52653cfc4e76cd436891b2a796acd676f39965342e085e6215d9136c3bb3f341910f888dd8723e0e0d3d6516873e4395a0095e799f295e367fac2aa32e8d2facf3838f81cc5ee7e27079c85e12d26b24891fd96b0c38303bc45c3a07c722622826c606c2c65a2144f1c52c972da02c73da7e4e664a3c6eb5b4d9684072b2d8f9a347df21368335497be8a85470092f3c0122a4a90c6dc0aab3c7bd387722d9bd8dea400116e4be9be492c9eefcfe366ca27741446fb09dce11cf70cec49063019479d85922bb904b0eb83131bd28a31071a0181fd380eee2ef36bb5b660b67bb2dd79580b7c31d4c6c52d0f40f12000399fd9067ba4b62e1bc4407a98b7bb4caaa951532d93825c3db00471a2e4a44bc6d8ee49659d865a27001bd0c4ee93c2d14b7e62466b7920b729f1934bdbc75badaff485aa3e37cd3f00aca8aea2ddf80f5ad45b10b3f58e663520d84cb0e16057d55c184a22d0dbf2f99de34917fa02646dfbdc3ce9347307a6b669f32815d9483610a82af6a0b6f69bf590bacdaf6970dde06fb6931ce2982386907db621f2bd5b703ad4e0c2b0155ef67085b2a27b029841998c6788c7a1320c0a6ab019cafb2acb1266b496970de25661a19a7085bd78832131d990476ceae68ed3748458b0d97c32cbf6d1172d5c51c6e2dcc6465e26519e4eca0e509bec227e9bad2ce1632b60ce77e0e6452f9bb21c33691de7424f31ce6e2273a67f23f29687844a6b520c6691d925667b9ffbfade20b77de1acc5c332d830a33318257814bf018febd1b0f5008137c76ca0e1e80e70d8dc24cda0be61439681c53354075493269a59d34d5d80388efa4f7c1f17ec1b7df9232237967491e2029ba89ab11b3c15ff037a9108e0573fcfe0eaa3be58eedd6990236c91b6d8ed1523a35d00dcc9a46419591f92a1996830c54628593537499e15bcc310db457e7e92d374bec0affbbed3733dd5cb46a7f2d55aec479a4481a86338eac5618b9efbc7159050d8239c21e2211874d14896b71de488d488fd4a97c15da8cff367825e997c018d9127df54c5095215206e35f0f1673470c77dd074753eb02137e6a8690e885407b5b9333309e9500ab7d8b978fca432d4daabdc90f5588c5f8d8540cdd6d2074fb4be57af2d6a016d5a42338e7e3dbca8cbbd48bce74619faafc91eb5886c1809d035238234cd1b254cfbd3b5b6f557e60458993f26e1bed753fdcfe54f04ee4772cd72a590f48a9cc8f8c52d9326dc4cb8670d43aed9e21e5c1612fc34299e53985954dcfd98c9d857f018e47493453dcf8b687c9c406f45d001e483b35c47955cfd4f0b048ce2dd19fcccc645aba1f589c5455e3c119011221df889b006e2f737e19a8237b5c9fa9a8fa63b125d740afa6869958a2fa00118a73bf86791a45a4e5d1adf9ec584f5db06885bc12826239182935cd38495cf77d05a318e429ef461e573fd81eda4f73984f6aae0089776cd68de3e45a433de1c48397ec047396620297cc632e5acc62ce37b231725b4e2d3fec25fecb89137344923fc7454f91f0fffa54b837fe6cc6886cf9641d435e9faf3875ec13dd394f885b32939a0ea4c3c5e12fcdaf8c7a49a58a9fb89571c3bddd1f97aecef4c90b1aafb36236d3c242a08312bed71ab8adb94c50bb695024145b9bc9508283bf3a50479f64343ab6c22b9830b5e3941f8e748967a83bae4e47613f519ff1cd3b6064af969b6a92faa3d6994bb3ca0eb15aeee1da187bb98270c917eed4f4ab4e256a802aa94b30e1a3c746af9043912811405256d469185a4339abb682784b9dbaeb422b4c78c4cac9252f5c23f022cb4a75fd2c57fa8e0984676134e92efd4d3f9a25182c3054ceffd25aea5cd798d9ae18c878deeb887f79e337981f896031387c22401aed1226be4098da705b73eba741f277f1fa3cee41ede5e8830a254aa54fdfd0ecb29eaba23ed349e24e8b31b0a1ee5c72c7920ab85d47da1a1b544410c56c941d0300ba9d7bee0f71046ab64382b934d9187da2567f2fd3d0da0f43b7355c9ba841c98957a4682be1aeefd885e665e5eaa26465cdbb3cfbb91159879d2fd2c4b549a09789686f7182b3eabb83640388e32434c8a7b1f6e84359b274460e55ce662b3a4750a364311e441b47d3d3972cfacb511d951ec820d9802b6d28fd64f2ca83b374e060a6fa7a1c265aefadf5e6d77c196aa10bc0ca7ba146f52c1e95f4b2d58eb576733a75b2795e499b3be17747beca696c3fbaa64e913b11f67a2f1e8c6a03e313fab52e49d90b3c3fc62d9cd078a03e5e83880e2b26e5da4df06e69fb8c9b8511aa521a865f81c3807efcd2a7f09cb59eb769a170ac50e166f64efa4c31ff604c3d0bc187ddd5accf5988a1f833cacc9548e14307aff06036e65af39ef6a230275531195d8f8edfb6cd1ad8d5e8d14ab5ea8194a88a06bff7dff3a2dad3a046a10d95cb7ea18f2e4bd2d44aaccaed5fa3b0c79fee9f73aea387d27337609d0712a36f4e7ab06237ec3ae03be1c0dcb7447acbe7f217e33363edacbe7bad933f74f605aabf9be07fea1d52c88cc4db940f12e43eda5b223994faff0ce8e48ce3bdc93a131463e76f635debb7c687c28c53f520efc989649306ddb80a2b1a23a12c260f6b12beaa96b205b5c234692512e54f1f9bb578a088a42f40e28f65e860482b637a5de10e5fc13b5ddae7d6374e02aef55fcaed387b19a9a9e7cf793919fc8fadf84deaebe02b36322d510f7c722d5074d7845fa37c4571b4c89b4e335805168489f33c66b6148114abf8d3680ecfc38b27b3adfa40c53213a550fc28912ec8f62bc03f315b0f7d47fa226fbd66d1ec8895d954e10e688201a5bf99b493d5dc1e7874af3c63a9aba55eacf5ab82628ae', 'yes', '2026-11-29 04:01:18.252448+13:45', '2026-11-29 04:01:28.252448+13:45', 1, 0, '2026-11-29 04:01:18.552287+13:45', NULL, 'yes');
INSERT INTO public.attempt VALUES (1, 'default', 'ses-1', 'u-2', 1, 'create', 1, 'mail', NULL, '1.cd9da06e92c3a5f472d1', '1.a3b4f51c8aac24cce2fa', '\x01026b31032f46527989f6fa77eb45e1b89a5e5698a19da937fb913fe9a7a5e1436617538dc04f071b5899e11643d759fe3798d0059d264633425d8ec9f58561e6447549b8297fafadf4e3b77622abb009139004daaf3ea2c7371848708f882727838c70e0bb6f76c3b8d969b562a48126fa8e5f98257ad0d2f4dc4fd6e5ab311190ab1bb3bcf8e829d35011ec32a025eeb91a84343c7d0d942cece8d5501c29ef56033386bf6174047d58aa5c22f554fec958c69f1b5ab62e7b17c63cf6ff955bf0a84b9800cb15d905ac7e91f8300f53786028a10fb3715e758f0bdbc709869b57eb066f565c49cdda5d8e80245b72fd16c84fb52165df3a854db0fe3214c00ce3eae1a2b38426b108defc8dabefcb64fff37a10badae0b33429d3feac23c299b0e6690170cebb2916b8e2786cf9a33c1dc88389681fc8e6f2a9d0aab01375627c50bb4b3e27d884de85bc294556e9b17d22b6b93b3ae1271a9678b2fa9e9f90d77e83ec85afe2bfa994a4c2872054f87857e43933dfcf59f05e324a13b081cc88ceafc388cd7cd53aca8e204826a93e87f150361644350fdb1c10201a2c0c37736363dfdd4a5c1b93fa4e1073a730cd262e51b11d6907714948b1934a909bc077a955e7a3a8ce2f2bb0da3d500544cb5e0ff64845c8e305c00fc817fad649aeb71f1e2775ba8597bbd88de09b26f5ddb88cc3db91397c859e7b500dbeaf11c514eacab0f1ab63adb280af5bfb24dc8267f860b3b24c5439f29c32580a1f8e123b59a83554ac832fd737fbb3d148bf3810eefd92025fab7de29556b27b879170f5d385292a5b02b9a9cdbb6ca0a5c9765a8d443d7e80c8607c4428a70bd7d2fc301d5e0e29afc52c3e10927f06120f5d5e2de8b695178f3ce94368c9f7d7865ab72159321fc49a3855ad988d3735bfd39b2d89494331f738f3756cfa16c28ccac4321c4ef86be81a1105cca4732b7c676189b59a7a7b3d869377480d5beee506c68a02d256af3b43252b86a9f31b05d3afded7ada2ff505f277096998f8875aec1c3c6212efc24752651f4d4cb0f23dfbeabbe01d8994c5cf8615ced99f776741342266275ba4a63853b3532142e04bcea55e85f2a2aeee01cb67f01aa77f3631f0691c9b2d815b3c2723926d5afbfa2180556a3e66bddf3f83d73860b2b3b58d4b75ee2e79f31c759b47689b8837b76d138137325ddfc227b88ed63686a948de93b6c685348846f4231c5a37122c3ade82b637a22729b50272f7c39a94c29615802b24e2f715222567f5e096acc26e39062fb871d4287b7ecd85212867f902ae52cd910b107a6f2f8b29dd620bcf72719dda08d6f2a95c9b09ad65c1b70af4e3c8749394eeca5c96eb5e0797b67d54f94ded2615b14bd2fff77d97fe688b1ed69ac821406c47d5527adc8dc23647e66a050f77bb6a5dcb68eeb9c9a2ce49cf9daadb9d4aa9dc454b5bf2b94e7e946f911089961f1d1a7e8ca42de074e058eda5f135249d9df0c1758dfd65ca7a519d0c45101a30637c11b9b9354cceda97d9401cb5ebb9415dd5b6bf55c6756d5b9525948b677fe83053e303f60f09f49f24edd92f8ee9e344df81bdfeb2fc3c7c8eb5926dd2fedb30c608c6fbd871c642db4518317ccea1a6a906688644290ec286c2d9cbc105c9b51afb747ca17b44202557ea8a39b866452aaa25f80634bae0826121eda8add00212430670e80cb5eebd492ffe8cae980cb03429fb76bffc905d1936adf98021a2a857c9e5811e8067040c3b9ce4d5f6a68f507ecbe8a23a5c9d7b1d48870dd50f2573cec9779600e7831bea46b9f962d84fd32e7f60210126c2d18fdbf01d1c92c1082efcc5b5c7c367617f919fcbb9356d5503ecf67aa52aaf4ea1fc6836f3aaf534eb4e0d25ea71e4da547dad17767c64ad19ff6b0edd5e468654b940c8a6390a913f32b950d78f14f405c6394fefc359a0473aab2e5886f30f2d7bab27c070c60a7aa09d3f71d1e4d66ffddb8f1e92f292c36757818ac819d970063bf6a0497fd9607f86e171a74a998ec552fbe10eff17cb5f4b2b2fa7038cae45b13aa6ae0c6aa9a565064f18c51c2376bb05365c9b9d636231896ae1a5a1b5f884fb6551b5ee8868dbd102106c0be592a4bbbeca517c673d8bfa6881b64abc568ffbcaf017ba540e763205cd979a7965864367fda0dc1311af1320a55d62b7513107c49f3a947146ee1c20cc5422181865b0733f91cf13152f5eb84aceda621f944797280bb76beb6415ca56117dc85758f0f4747384608ddc24354dcc35a32162604ded469b0c652da44627a6e7b51e251c434ca34a9a8fff0ab82363c7ff25ce1d523032696abd3c013740544301174e72e562a2cfde93b43f80e2301cafc62928acb54e8ce010f53ac0a6e87887bf88589996c80378bce7a2546cf22854553a78077c2befd268bc48abf4732e99c2ff1500f2c4a1a933d481ddd462359726eec9341fbb748549799e1e42a0230260cb2ca71f6499e1fd3962e35bf87e8679245edfc534652f2a6eb2068d5c5c30e4304d95eb441c2de19cdc83261eb2fcdc29a000f43c56171b5d92678add2e006ae8d0968751f48ed03a8905f1d04bd8ccf83989b734c2bf3a3a56a46d4cc6a83d6d53410c4f78258493f4f664ffc2ffb7584099a8e89a3a6a9b65ee46c9b3085b432ed457df097800c7f5c943907c0b4f910111c0ff57faf94b86715a0bc25df2c8f1c5eb2d89ab256f9f33b7d67c7e994112742e9437940d1dd61799c53e797fd35fd4b556d90566cd0f189aea964ac1470b8cedadda6611824dc0607d1931b7071b4bf2bcaad9c510ad57e050a97d7f649fcdfd6eaefe7848deec566e1163f5d13592af51fb254fe551fdee676338fbce6cc31255944a9ed1ccefb09702e7b7b81e59de8b276f85d32143557f1adc7689643c41e701da1e336bf5738f333af786d879bd0075d3a2c6d14e6501b5d9dcbe2561179848ae4047d7250ad521c32f89f4b96810d8e69d41cac13cac90d650728b7f4284c662271097607aa95e7f24744c75b08fa5440c63dde319e8b604fed15511b9b06cb9460300f12585203e957cf48c3eeb2d647e042ae014f6d893d376cfac2fea50395ea69e645efd1bbc4e7718f8de0942a80a5892d17bdf69b4fce7b78d6617c52e08378d17fdb3b13db6f64d304761af26bfb13a71142235c28c879f22a47501fd565152bd4ea08658198b459cfd0b45b840a0196d3a2619dcafdf39c5881bbb3a3c2c068be05ccc665808630eebade3363f60e4e95add285ea81dfb883d68823e347804a2be02e40cbec2f3b857acd285b9c12107b9f6e1f142191cfd6856f072fb9ae4d2f0158d0408bb269a4d9d7895a64916c037228c17db4875aaa6abcecd0968457f24a3876c384c0381ffd114a440e27d0fd0b209da7e1001b850bc3525aa030e17ae0659a7860d1c417109bec63b7f051870204f9b103b1161828a468ad3fd4bc2dddf409f6a4c9a41259995c59f5fa51071d542557c899df69047443f7ceb7129c14554152a7cff192be9c506495da9d57a5793e77214462f8ecaf0c482e31bb0f37d393e93bb9bcc9637c69ff7c0e9b3a20df3ed1355d36ac1d4e0e56984a00c9dfe7e4699d44aa99813393984e389a730ee22a6ca1a4c2ebea82c0660226805b699ca4c5496db50628967f36500d0f1cd1902264d28902250d241e71c5f62395b241359d2af480d4a58086e50e980e092b6951544481ee5b1952841e1d043bb9a5b494d82c82aef782ced64f88079abd4b270a7048c87d62f0fac96ec8cf9543ee5d96d9b5afac93a7af4986a351ff46f9b8ea16fc8cffa79fbc41cbcfe1f05054b187ac470f4833c1a0cfbc7a87848728fe3c97efe8363eaf5c87f863f9c6257c22328eb65d6493c5839406afa2894c2529840ee7d75f9c66b04bd278bbe71776336aa0542cf672558bca673d0b2e16d1ca31e6e9b558bc6c44ffad406822e17183226b8008246d46ed20d9f77642907c6d418164185179b203c2e61f2c35a3c84457fa28fcda5156ceeb5924b69b920d7e56ac6761732489ddb189fd3887b56a3cb19389d22c9558eebae9b5490dcfacdf2ed4ecbcc5c14bdc1783bba8bee8a42bae5dbfc84139b65d5b345d9963661f4a5f4d601ae9e69f2f9b19073edb349d9712ba0f25ee5d7a58ff44c1b9e5259999387e5248387e6ef83446896f7739a27458664f825d49330407379d66ff6b3abdf2dc103cbfbc457acbe5c7d52791e639d7aa9cdce1d858eb15ad83adeac4d752a02b7930890ffba5b643381bab057e82e6cbc5eca45052bd173c3cb93d7b3837aff6fe1c85a9637046a13846784df472d1f494593e425b72e168322fe706921a20b9e6aafb216e401025cca9dc0ce5c2a85a6c1b38c621369a6f0e8241e7739958cb299c2ae2c9875dbec8ddbf9f429a42e8b91ad47b2786bbeb537fc6d333158cde9016e26de47379197ffe742c3c9ec8fb96182e444ed9d27044ac3b9a629ce9f50eefae573d4d2efa668a0720145818caaee60c1a0d8b094737090180aa11ab179d2e55633ab5a169698b51c9feecf04d42717794790ca7123404fd0094df6abfa8eb4358657891dbedf0c634d4f7bb10ef51ff66886a042a1fa9c08c4893fa40e0d5e318f5fe465ffd90c5b34c28aab468b36c0780832527bba6302d21153bd8fe58e8ba0b758ab94c9636b5c539056b2d8b4040a1118d261139bbf95e689bb347ea99cc5fb9ef623d8059939167706dde54e7c97757d5404363d7cc222011ced5a54e7db13241ddf5081d16047bbae6363b04f6960541e9e16e0014f9e48451b859dc113fa27e54e9806217d6afe0bebd45204ccdc9415bc0dda8d0524c03f2b1ab8e3e2024624bba7677c99541ed12fff908fb85ec4dcc87777a5090ab8dbe664c3bb9545fbd6a1738495d848fe8951a9fb4fa40458b9ff77a869c8e294a5e50c08a49a81135e0a496de82403a0fbbdaa402736f63e14744102e1cf66e117c03484e1b64102a011bda62ff37e7044c19202b3d5ed9c7185ffbc1196dd7f34ae436bdf6225e2f99a70589e911a13ff3e1dd04fc007a740ce9b2391cbea414854f24f72ba62aa96625467cb9c4f28abc4b92f9649a78dc6a4c164b0d97d457debf979200dad540d1e1b9abe20e3fe6baac0cc71ef3dc5066d219a29304739516a5d83a1812408303ea555f3958ee66f529797dbbacc3de280e31bdfecc0317fec833d2d9baed38a63cf2617b9dc81b4b6feed7b63c379e2e1f5bef4faa3a91ed7f4cc6a5e1973f5a38f067ed7433a2a3d4f96a60c18c700002eecf2090fa8c9fb0e1483ee0d307f2a932f6cfe059653028eeaedab3328d803f3de757f749ef8081eb1caa0a55ed189684d62f7835e8c61baeb31107e6f4ec5e58d1dc421c2b8eea8d7ab8b790cc393ec4284d669aca8ca31e1dd2bdb450ca1c6e39675bb7c4abe03c54b9d4a03dc05f03cdcdd0ae965d69e520ee34dba54a0027340114195626fc840ab2531312f9075a9e6c51d565142684692cfe7a9a9a5f0165d4d65575e2bd737d873b17988fa19668d9eb11b2021bdf92b0bd6c3ee5846b2a8951827ce8975efb174ade51d73b6571880fd7c46afad057a54d09fd7ec18d766f123eff17d5b9cc7e304231d9c625378ef904f2ab32cc05f9cfa113eded6f7026375c0b08ae3627d70d5e9757a209775e873922d22aada59d29149df4c3f161cf2605b33fa37d345a372b231985b1ecd93b7e9f2a2210cdd0e5a5cbb7278caf0fb0488bb1613954f8ca20e49496fb02b21ba9e4344cd4e6611e0f3d8013b1d7ab33c45bccdf9398e18911fc63a7e618768a6e138e89b36ba8ba5dedcc83449c7ecaad40f54d05684b95a8e8fe507aec00ac2c0b51995f68a265baa60e4d9d5ad3985ed9145b4090b7d64f42b00a3cb2b1f70db4434e52d097e8e4fc15a09552fe6647aa8c8d712f882f644acb821638e328ef1fd6aad9970d31748d04b2a372791073e1cc73c525a0fbefe3eeb25b76dee99c6263fa7ce6ee617737c9cf553cb76ae416aab0df985747ff38ce833faa25ac610fa2a563590f76f1cecfe4e6f38d9ebb21ef1f63ff1b12651f3469a71ec1a992cda7e53f1d8d558b36bfc179c95e1934ecc1a8a9ed4f2f271a821aaf405508c75a0daf6a6712272fde12778d6a992f669d1a7e5e90b7fd7344d03269ee16667f17b24f45420468b5fb5932c60600225f4025394b0bc82b76c804a71ef7f89da3195096e9168c64d5399b9902b7cecc68d31e6ff5ca6826b4781ee604efc31c0a3c9c821f8c2646f7c6f20d60cbbc47067b104b94d7279c239f0ba029206f270ff49e74657db0b9f96112c0051e46a2c163ef9da350e0fbd80e5ca8b782c6c340c3d168343d9ed90d926cbb9473f1e2967e9af7cff7a8e64ebc8946512eb59b73f736446effedeae548947f4724479077515d497a4520db03cd4dc3e609d5005cd553b0b19e576b441aebd1ac57fbdb3dbb8f32a7b14980296d78ad85da7c49d50ed534cbc7cb9f97fab1553d31a4939e724dd57455d7af5f37879cbccb65efdbe02edd85fab02353fb83e072e7bd97de90621c340bf8a01440753e673b1fd79f733b5de2bc9c7115da3a6fc59ac8c68b55efbbef315f38237e1978e94ef8e9cf8d03ec133d9ba1e0fabcdb8813c3b714aef183913f316b5f9ed6a56199a442d0d1b3a19c6875d5001ee44daac70cd78f0b6787d9e94d63cac48203347c6db383ef4c6c56862fd8b832f0c493229013cdb8cc76a1af78324784505d845ad57d9c598e3efa98d0694c42dd90f7c7ffb23339bd0867c8939bd2c0b49f88c392a984c81c1df55386fa7542e80b1e03708a5651420cc3d6a9ef31bdefd98cd80a23acf93cbb06ef6c2927dd8818281147a0f67ba9d6bf57a74d080fb60b85d367ef3653090f947a71386e7c545b107238762d722e03e8b325fb7e054552fddcddfa62eb3f5906ee4213802e059db7ee5d4cd8671de59e4ae9729b19063c25bb971d99836cc0e0b2afb6fd58609c875816597b3e0c25a1f195668cba55090db44ee80404f729dfcbcfde39a8496f6da13be552560bddc57111cace3de2e3114a9ada7cf2b6b422740756c17df09917e036ced4da6db4c129bfea008fdd3e426fb57f288ab840c7da26458ccce9bbb6d6da253b29831e82656fb35dcebe323122be2a504ed28116dcf5ce2caffc07a7896bb2f87681ba8991065ff59abd2319ce8c01937f075976d52177bc2feb6b8553c0a3be3294dc1d74a60a8c5f66e81ca7bab5624551ca89d1c830bea8d55946a91e81253ef731f0d9d05e0f9db39568f5dc57ec26aabd5d6c4f0203b3e11c75ecda08b01045a2c9e77179a926c7ce51ba69bf0a1214dbab108debafd96cfa6473eb38541a5642dc472a780177e7654616feb68c1aa4a609d8e877d71fe2cc91cb91486db8124948d9a1ccc7e1ae2100f58356a705cdf95dd2a79736fb9ed08d3678da19db5edeb2786aa1de4a28c48961aa4015bce79fdb5cf071e870f4cb34c813b9105e83dd0682196939de78567639a75b5ade4c4adadcbe896f764b93183c102a32efc8976f1c2b131d407bb1ba2272ad0cfcd58fb51696bb00647b04f81b8402fd732191fc1bc31c796325308f62db58f00ea2ae43beadc1b8ff611ae7691e2eb2c199de74ae81a1603657363e5206fc99a39cf6229b8aa6d994374de22df5f8b3c84aa44656368b4b0daeec5962b76ba4cef53821199d435b8cdbb586d04cb92cfb738632ca7f6a3e70bccd327dbb50f5b41009d412b4be03d4019817a07e60fa40c557792d731f114d0ba8c3c655f33d685a74b397afdb62c48f7168ad1623141fd4cc7822bc8523c60f414325595b40e1c82394d9db6c4f5e54d8e8125930734d934c7fee2036a74266fba7505a071c38db65546e5722d99ec3c65ee71ed17bdeabdb531840aa30b98fb8730ec66286ef16e6ea15ea956c0157ca1712e98522c16e02952c65d9814c8dfe9b5f3aef7c82f028ca2984c68a43a782c7baa0f85faae62388d6aace211649e5f04451b1c5b49bd48213e3839c4b1b170510467aab9059380dd8f2db840b7b5ebe1d622937833e1b4b93e201869620020582c0fe065b82c58bb8a47f0fa6a83216d1db0b829c2750a648ea9cabcc4687f9388482c434fc90615fd67b7058f81d2c74ddc23cf963698e19f494e3925bd30eea180d516d43194a98ad3f1c2ecd1884e6025efdd41071ef4a043a44322957965286ef14272ee75613df08fdbfd53b28c8989eab11634b3296d766c31121ccadf15de33ca8682c4b2623d17b8491bcdc1cd15c2d197edb4193cfeb5908471195bf44d3cc968d3d2ce3d1b1163c04ae8bc3fc2838f7860ffb4a731d8c9ae312235bdef59db9d659423632a7bbf5319ceb5fcc825114e48a4edde3332d1c776f5804353a4a85b32f627644df09b95deb99e963978ffd437d9b38e5abfa7f0577ff8c467c06a13e2c0ade11ea08510762691e27d3666546558f50c6a2f8e64f81ac16587d9cc5d844047824589be28a1e393b60ff0ae6954916b91f704f82175c14c835944ac831f68d8f7bbbae9990840e549d4a8ae5849baafcb843e4aafa1ec6704784142b2f10c4813d778c0b03ebcdda814fb195a2190a2dcdd2ace7c38aed885865664dd7ab0cecaa9847ccd7907565e98a7d73ff2caea93618901d2f751d54b34f8508f95883402cc0b104be9b32d33445cf8863d4c654980a998c662a73da1fa5931994d3803511969e2dea9fa4529f2bbf559dc81dc65087b0c5d10c4a1abc077dd5d1096c53c2876d7ed87c3a3e5bfd6d7b3e9b123303bc1229961696a2a77b5f1ab4209b06456c28fddd0e6ddbf86a50c090be13f4607cde615de21dbd8cb9253be38d9f3e536765620ad1aa7c21dba4bf6dce66c6a0d148f2b139b9699ce1e76a8cd9607a1f84bf441aa458c7ad96ef803c9932de17b5d63cdcdc1a7f309cd49c4614b7f869bc94f2551a2e65ae4bcdf119133be6470217b6159bce8f88df8f7fca7d78398d18d1172c08154a5097bb53087600eea5a56d9fe5440f7e7b2136f3771a419787d3dc090f8e2ae29f7e0718316aed8fb7fb012ce0388f4d2349e5f2435a1a31305ea85db9d1d191b5bfcf317bde2331c159907b4f2a50e101d0c534abca6a009368a66384ee5811cae3572ebb6d1181b414e1d6e79dc57271e082ee27940cdc2e196a9f8aebe4483eccf1131c8b94c6d7b2bf79e9beb643cf2cf3d62b3830299e3905a4d8f03ccc65e797eda10ab769e39ec3d7207fbbb78d666069c65e30c6d50791007d9590f67acd9100a26b27603c5788d0aaf35c1c147754938ef2f6aad9572925d42bcf03d596722a0fdb1fbde11fa74188774c66669b65517452ae3345624065f4e8e9dd6d413fd1b2ed7f8c8f45eca03f192cd640ea18aa5fc4bafb39ef1ed844a3f771d3ec6f0189230acb4e1221f35872b50ca7cd42b1b6de90a2e1df8279d915978bf080bcb4396c576cd7f554fcfa1b431117a1f249104555abf578c2dd5c887b7728f8b824df7e71663db61a87ec94a1ef47aabfa8e2e967db03403494e2660aa64844ea0a3d64a806af82dcdfcd034b44b321acb2c4a64d88260a8241beac2768684b3a4b216e6a3d5a65f317abdba95e417813a6b9216dc89cac99a35cfa7cfc1f57e57516794993155786199c2d952192f4bfd7c4f6e1aed0081372ab423dad8b23d68069e5e2f82d1d76b34d0ca707dc4230689c2213367cca0ddd83fe3a39d1097e3790ab45f3c0479933b83c0509e95e662f7e9cb1475896e7c67a7ac8afdce6835264501ab3328f33555dcf3f48d835a5193b42de2d9a16c814fa1aea485bfd095dae6ca3f0fdd3498f60090be921292b78ee00a936de796435ce0374c5a8e200b031c5dda4374dbea1d06cfa179d7e95c42e5cb65d22252b831dad35d39c23a971224f81feb5090ce6f473b0bf9aa6cc2fdbfee9382a847e35b924977b0f0627fe54db6e3906cc80591dc700f3eb5c22593962dc9b6e565588916d59c83a2414b1bd71bc4c97bff0b49d70f17926f2b4adef47b72a786a1979b785760e0284b7c41b3b50379c5414f379d7d7fcd4fcf93c2ac369f00a68c41430162f056d7197b10d731413a087a117036bb2c0fc88154c0ceedab2d2d1cfa4a4e63738aabf98fdf6f27a1dd56f17e65f8fd9b6e7b86fb27b4b0d393dfb656a6d1a15a06d966c33cad7d4892af32036ddfcc12c882cfa5da4766911d2580528220e7e7bdc77f8a86dad85ed77ab2c56da29b06be9d163716f5fe7c3d3f6d623f5cbf0c84e5d47fb23c0ae56220bfa3c31cf2a904a53f417c17d8bb96011e7a288ae255acd6a294ca6e1546710da77ab3d5227c85d2f90c6d5882b45b64f6529ab9c82fb5c9dc4b5a4d4228dc0eff0b210b2b4e5170696e316efedd39e4325065e075c2d779feb62978baec0b511d9e8db6ab6d6b9f9004da33d758c48b729123a266d71012d3091a8cab03bbf6b48ab289d93ecaed9f7f86518146a021f69e11fcede898d3bdb0cff7b1d51a961ac39b9dbc931bb98cb2025060568e136b357dca1c2307906dcb9f61dc2228964c33a2ac76b544660995ded68f3e1b31b8b0c362975ff6500f1981713c1e9561c3a62a93ada901c660e81f92a0292d53bf15ad0c4e1639021280e61181199459b52a1237b4968d51755a8b47c5d345b40589e550159bd32a97e771187bf7f1d557d14387f74841f746d7b939051172adaa5d081d3cfed66d609fd757859d558a77da45f57dcf68255a22265d4805cde1e7d94fec1f7b7539ea4b0ccc42631a348ad8934824f1e9000a13fd4fac298854a9209f3c822a6f9b492fa0a1508379f52f023bd6408fc0ff4d3a580bc17309a4155e4698c02df7ff63d370ed77250ea6964a07ac3194fffcccb58b59eeabdb7e2558777898da48ffa0406171864bb0019219cf278b22396753b2047ab68267eb618009b49f88f2b4da487222f4dcf8791355c822c077796a65fc944f5fd4467033e35c9b0a73114fce5c1e88e7645863b3f3d5aa90930947e59f3012e31a04833a20462309074cae8b35e47fb396619e14d3951f7117e8af7117bfa8368287ec8290c1c52a86ad33ce62bc46d711333c72a46378e769f7d067720b93c3ad097c8d7191c2d92adb74f9b257e6669266b0413fadb0daa0cb037bc64f77c70bbb22cc589eb4f4fba3f00834846297564039fa100c5dad1720417343f5105a5eb1985941edadb87ce57d9deed917984470aa1ebe35a6e9c5f1515636717b425818ee266b4aee60d30c3343051a3fc938d4de90f28171a487de496ab623dee9882f765f733789e5e551a657b51b4bb8842b49f622cd3fc4338e77a683d9e2089437d57349a104f583352c206f96e59ec75b38d1b126b0b8a0b568138f930c5ebf42743ee22d847df025ec39fed914722bc35e4a73525ea42ad458a5e4033209b205e2c05f013df12abb80b8d6bf16da0c6fa10edc2d33dd0829cc39c899b38ade948736a91479ed5d83341ae8a9f08c7410b8364bd4052d057839854b21730016254010f009750cc490b8cd0dcc0c07b59e195fde7e9b76fb18cef86ab8c873e3bff8197ec0895fd6c8ee2be4f67fd8d4e5cf28c002e59ce3162', 'yes', '2026-11-29 04:01:18.232517+13:45', '2026-11-29 04:01:28.232517+13:45', 1, 0, '2026-11-29 04:01:18.655502+13:45', '2.0.0 OK', 'yes');
INSERT INTO public.attempt VALUES (3, 'default', 'ses-2', 'u-1', 1, 'create', 1, 'google', 'google-1e06a11dc5d5', '1.985e8de6a833fabb1b31', '1.bee0bb0395e470dfcf40', '\x01026b31ccfb9a7db8e02fff17e972743e0a4406e6fe191c4e3aff7b0ced2228151503270179a4cfe6d608926419fe1ab259719c96f03e8755f79b909fc97e7492937df52c82ebd78747d1974501df81642292ba89b65086300d9486d6b9b6fed0d12fbc7614579b093aa20e8b6e9b0893076aaaace83b1b4dcb0d0195ff8844fc9981092159543beba5f68cc01256a684d8387cbb9e49c95359bb7cd78dcd3ac2f3a73e58785a7f0734054f4a2f1a16bcdcae177d11e14a51296a0657074c86be11dd4748556115627a6e6e2371816b06d94d214b4aa2b0c34c2a22535a1de1f3c80750a89bb70345a38c5b244a233c28be775f35113c7c876b9636c72b3c5a7c99f073c3357ff4600fbc4eb3847d51de9be25555b5889327bd1cfb9d6bf4417ad3dcb31b1d6f860e3d2b24cb4896b957f61d0fb2f58c1598a1bd3729e963491b8dbf18b819dc6e618515974d694f242f3e293397c74765c7bd2fc7ab8cad1d9e7520b887f484a6063b8b6123632ec6ea3f237061c836b681682c58abddd1d681939b7b1a2d9eac4e83c0f87b5ba53d98139461533ea2d5e21e3a820997252ed1ae89f74c8a246d1633cd94ed626016491fd6a2fbe372e84a5de8f574fd9356c7ca55fd449e3a656968306171062f0d51c84ea26436e813d12fe3d1e6aab1aa74d4bbd3cf2e5b0b1cc1b54443721456effd10ebfd7072a3af08948fb38435ca8ece1e6dd9f06543353f1bafcbf1692972337ab5baf8b06098b17cc8feabeb86dcc68e43d270e1038229b5d4e75751f75d95b723c137baaf5f86c7d9bcb0026fc31b6edf43b8a26d91acdeced7654c3be1d1cf34c5f70a5462c9c637094b495ae86b91998f3540aa1a5861b6489ef53c342604900743fefec0c24dbdb6e50a0e56ac792915390fef6d5c0ee6e3cc196c856f96973351429db1e6411382aa59b69053b545148355f0924641b94d3cc6122080ca44393070595af9222f7ed2ec583727a78a7a18d5c16cc4e4e99a4fe4adc82a1a5d00afb6b2e3080fb48205d1733bab0c553e06f70916e6da9b28d7e323dfbb00c9f62acd7018530097971eb436e78bb813a1f175f1c9ab3b78b3ec135c1c8bfef83f86aea631ba2cfea7632022f20e05d683f29b6baa91ef4d5e145169216ea3a2ce69cfc746e41d441e3376b510e18b204d0fd7d6b6389090a3e4003b4e2a0c89b9cb40772e36c83799a1279ed31c0e199cc22876d8b613725c4e725d0fdd385a004a77b81488817f4b1fb927064f1d336765bda75b59b6b8d28dfb47afbb3324440f01624310b145938eebe8e456a3476cdbe2640cc537c4e4f8bcf63567c49ea41549baccbd8c066f3743d9c75f8c0ab96f57e3b4451864d7d4a37da14c47f32c09da805ded0b092fb1a6274bf8deabc8aef88bdde70a63d8630f65defabf771b30657d0cc456a256dc333e89fdd974d4fd113f5b69c25a8eee0fe4f6d40b3f419c8fa4ba40243ac88b531930eab4ba1e68ce507749ea408f6a46fef2645ba2a58870a3d7cf5002507a15312e9bd75a7d3b1081de513326b6594cced0c3d34df543aec9ec406ad14f0b2183a96ef8a87f83e8f4423cdb1d21843eec2456f4bed2045a5bc358f879b5e0b079c80a7f2a0bb651bef78d40100a7e0adb65d1ded2542cee3e843ef0feae49ccaaceb966ad1a33d671ff5da66e4f119b0f93fbced67bb63f13b7ea0e2db698af8b6ebed203e4a1268fdc19e369a444bdba887ebe21e6f4987a5686663d26f67bbd2bf5e07a599185166b5f2caf49a10ef826f4da88843d59bdc3d11e34a832b522412591a28cd889c1c18b5653fb00f298713f942ea75bac2040dfb82172b169e3203198a925391ce052ce836fe380e5ef1154950737b448ca67b32f3e7bb7ce2b265a24c0f7e0429920ca1b542b8459c79055673b2cdff84adeffcd3920c7c3e55fe4f1e2bbaa4743c61fb394dc015a339a9c33013337e3bc53ffd879cb5f8c904d7aa66ceabc806a0c2ea78eab62551fa8600662c6da8914dbc243522bfc15ef4a066080015d9e8f2fbec213dee35e2ca2a21d973556f587641c48c5527e69dd8f5b2c2825da8708d191d903fb543df866bdf05b223001a58ca3291f03178b990f146c4dae34539503b48b787a50a393816c69f16a4d56d3402f5e17754b405d51f757283df58de375be64f82cfe23e4654688f6db53089ce0929f73509a11f734c0d2e2349d5f2e71bfdda3376bd1f7ecf5cbbb0e46e22f12457597f5fc48b285364f83e80a0643c5c1c90102806a7c04cf1534ce42572d29df2189145656eb2009fd597ec3741df5fd5aaf8d3a3b39b3fcaeebdeb4a38708a8fe147d483bfbf8bf69c916c30e9974589bed6a66887242d8b3a2f07eda02c912491e5b1af046754277494dc018d83300e20f6a98cdaf813eaaab127bc1daccb193e8ae7e08d1033063d16948b54a35fdbc7b6b415b6c3d20b8d2bc3ef9da4365c0d88d3fa4e37f08a620586a5e1871aee332860b0f87ec422c5bd9a06b91491695e7366158f6221d9d895b845c7e7b7a53561c915a9ddb5c6f9036a0dbb47b6b7b373318621b0c851dbccb8165a91b1ad827ca9d45dfcf473c036795dc75780c60266f369632a2874477ca8b53f56047fcb177d55926e7e8801f13e5d8468695fba227c966816b4ba47b373c11055f0110218fba95ddc1930d09d7b3f87389c58495bd491564976413a6c2a66103d00b7c1bbba7fd31e4374aa1f95aaa1973e54364e9075f9e59c58b927c8877e8a4cb467fa4a60cb4ad6523f5850582f679682148139d2d838f16504027dfbed51e41271c0273392991eda98030b6a83a1511413dad5b4054b5c7057f582d8380b380cb733969f01a0a6f646b38716e192ba81ef4f1d3141685d89ae0c7f3d6345e95a44c5cf70b326e7c7f69d4cf9008b37603e08598c0ce0e847dfadd845a0f1f17027a0a9493a43bb7db67214017b2320454fca0e1fc60f251d1025360484b908fdceff3ab0973b04271a4e84402c2cfdcc55b0a9387bbf37cbe4686b95b9e8954f537f93c49444183b5ec9964c2dc0602d9ef2385a86b70e3e970d44169540fd41dca063d22a0d9d9b86e276c6a4219ba5a6019c92122091b2ddeb05b19d7c200413a326908a54199cb3d785ff82963e106edac7e04461f4d1dd7950794c3f6625b6695f7b6da2967ac94be291a1e9523cce51d8c553b3480f7a04463407803093bf8be120f4ca44618df9323ac', 'yes', '2026-11-29 04:01:18.676001+13:45', '2026-11-29 04:01:28.676001+13:45', 1, 0, '2026-11-29 04:01:18.75632+13:45', NULL, 'yes');
INSERT INTO public.attempt VALUES (4, 'default', 'ses-2', 'u-3', 1, 'create', 1, 'mail', NULL, '1.a37b97e18cb9e290d08d', '1.9a54af4a4f58bf57e457', '\x01026b311e0705ca421e5e33c350869c0e6bfc81834a29fd5190573a9684c4708c9982bb37520163759afa10745411860ce866ac5929cbb06b23a74e268e5a90469521c7ff40cc876923fa7bb19f1df3e0463c41807b6ffa2b0822c31354a65482ad66ccd56c2828dbc8560da1a0219bcc620b0ef72fc3e7357cd09a73bec46272459bf967d6995e0f9ac57b8e059bb15946ecc3c260e62489906bb4a6cacf0e70a4be3e014b8864716a360b2db38a15c9b27d29763d3e4d2e24c5738fb2fde965c26d2fd28a19de287b5f3dc8f0d58940f388c3307ed2e57c008196e562b0cdec1df5eff3838c3fe221ddd97e5fffffdd7b9c22bc431580d4a5b4274888e46577792a17d74b32778abe6543366d168b6bfc269b5964d8c4a4fa942c4933cc35d96b221916167beba5831f295679800f70413bc79f2d5ac5ee24fc1ebeefc4eec00a7be33cf6f0c84548b5751f4163dcac2700601a29e578f08e8d9b5ccc28f4fa96d012dd1e0ec6595efa60ff8bca1aa186a25d7134325fc3feb124e7a9bf32a288dc2f31e54d9c1f39b7b28fb022ce32ee1c7f26a46582bcab18b9ab9b379bf8f34e7f592e8c6f2860cb3aa507612624fd39ca2fe5bb359c3a7cf54ca858b8a5c9418ca59be415336dda9087dfb04d69c85b085b7729863e937e97402666d7db4bd923d1c87581e3d9db6b7c1a37fced58f62c92531ac34bd0e4b5320c9707e97716d9c14694cc8e98c6eeb47991330f3f279cacd48affbec60419c18ee54e82a53454fb766ea63245b8d36c75c90e0537d2542e95339aa70fd47c1b3956f088f0d0a585c649d28aa2a8fe53b3af5ca53b0f609d12b736277f4a07154e0de6de86aad7606aba4dcfbdfc83fc8d9f01ec0cccbde72f74085b4deb127e7c3c05bbc6efa71cf0471212253d98bc17cc5b54e88e855d2ace31917dbf70a0fb5c7ae8779cedcec5ad67069e6ec3efcdd430d2adee0004d0ee87fb7c3cffae28caced152655e396ceaff96e368120399402d8bd6be7cfa5f4c9131dbb919c54d3411cad0e4a555a9223874b936c63ce9cf0c47fb65d9e62dd9b6cc03e1dd2a4bf61dd8fa79e8e2df1d5a8dbd433ecd79b5bf33be421a9c44339dbcdd0f2e2de573778b28321fa02bc720789afc0f6cc51543f8b0035190db39b6060fdcd3feee23f4ee86f52ca904c11e042d5d6c770da658a935bf6a27b398c846177ae98e99bc4e79b10866ea527c1ca036bb7b826b8890dd0005598b4437b4764955b1dd9e961b8cb4123983685c68dc49c872254a43e6d097d1e08b6195edbe5906e354c2ff783ef6cc6f34935a06b41deeef34a1c18509d8233d7381ada5af392bdddd522602505d4619338cb3be8afd566330a78641644f0bf132e3292514098773b7087c8f781e71b6d7b031cb402ca03e323f14bb6e33b0c40936402fad17005cfa8cd53289c9dc3698d839e6252808586a03d8b354be952a5e9a1be19cf842de76d9b308fceb8bed9c667db84ab7e3184f047624ea5eb560723ec472126d365d8e01753e6b096fa3ea8554deb71a4e96681246dfdb78d48cfe0f9d7bcd74f2c9d07ca322f678ae7eedbb6714e63de535d08503136fc43ee6aeb0d04ee0b7ac448ffcbafe5aecc01b392ff4ede83749148ca32e6cd7606cd08a7c30866d5a9ad9847af9a862106ae767cbd95707c0f524b02b3de515900dc79499134a2bc8813f067d720fa775812949a80ad2aaaa2bd5fc46b53ce853efad79feaa116418971b37e5daec5750e010db852352e162ebda72f8f2bb981678035079ec20c59d06955876b96001b5836e496dbd8fb9642cb2c5385876d734aa71a4b286a1fcab868f3c318ffc5a1b222b5fa18c33e134dbce61463ab9a70c5e848884e8d5783f3557f8e95cb9d05c3cbbbb542459135343faecc83aa8c308e629bf176a486f0a1a2342c14c27f631948a2e723141266f91b89e36a81f3933660a0c6d00fff2bf04500c8d918680598d6116c1f892ea7c10e9b2222d7351921508c44d92b425cdde07175d32a48a7abada2dec1db48b62a74c4a25887eee70e67ea5a75710354e23305487e877fffa4aec5e4b69d170a1be8b7be271c8a7598d7f5b89f939b6a6e77fb565c09b69b8c82e6a043f27950f7cfa7f7b539c378d6511c67f1e02de70c710786571960436fe06f94f6b9505543a811c1f270778ff6ec85cf81502aaaf3f677a788001b1d918c5a07928a7229e564f8c843af265ea403ea654ccf01d7ca8c9f9ca77bfa9ee586d05b56bcf836e182b02055893f89328cb9d558bfea31d5ac0a7e8c137844612a760541fc735a59400ea8aaf020a7e1864c1086702b48e27240b6504a0a8724b5f7960903cddbdd4bd3786e4ab4ab9f68f842253975fcef60ecb7cc2e2227575ba8244006991e69b29c2f4f84f77ae7854a8ab1a7b15bdfb2be0696cebb534e4fdc7553e1a775ea7c6f2178b5754846e5402e5ffdd9c4509a8b007ef1e8f51aa24ee4c1ad81910db4b45873252823e74234bc49118fcea0491c25bfd15d42cde66450c56024fd42f3918951259dc9861fb87d9cec626b0d70b471e507a5a358976bafd124f47035158600122cfcc41ef5cdd534959d3b9be9dd306fb543d6ed67b53afe392646461fbd1d64d7dd23b1fa0aa65831578ea9a0211ea1fec90089ad720b81d914c1e468e16e8e2f5f80a96ca5f2f78c9cd8c87d2630398dfd1325f1418c253ae4c202f13f927285c9c8471098aca7a7cf48b9befc26d68aeb254932a05e204b23d994d3c4a042ca817eeca701453a61427441b1837c7fb1922cb72b9cbab70cc8d1a7eefef98f9ece30eb048d084385c732f9bfc377b0a083d0f28a553be56297cccf780ee5b38d803e5f1a5ecb837257b13a56d24ebc64925afa9ca1b4d03f5cc0196710a260c257a992afca57fcc064cbd152d1f2b53ff0aadb44ff49d38ac25b5fde42a017646f6e3dd9b135b59ba6065e7fc5446b92214da53433b7bb3d4ea36f701fca024f51c2584808eafd4daf889e72d2b7bb803a6eb9c3febc153e86267b39221c176b2d96cce6ffe0fef0bfe9fe130f869ef4ba6e96c3cb4c111e075810b5aa4e2f6cb5a9288dcd902c10e3da8819061e7d6f004a8a00511e362a175bfcc33356a852a7ec9f4d954b2c73140b67e1800e65db3b4b87448060e90c4070918dace7722c68b9124e430ccb2c3cda95f0b753578687f8babd7df6a8638ecfb8bcdf17d0e63fb4007c883caf25af3bd947a730cb64fe44034ef7590b785593c3406fa5b80b5d0078a5e96edb616f90c743532b29530d86b0d8ead08bd1350d835359834e4453e36135d7fa0cea2082e37c073e8d0bc657cce308d73ed9034cf2196b4aac3cf86e87d09c7be96514b6bc5411653f3a66e24111ea05274119f7d81f9d48ba4e00fc8c579d9edced969d8781b516111fe00f26b1e5ce0603b382fff8408b425fd5bed75e7b8c2eea4669d0e3b25047c3fc9b3e9090753c9f932a3b6f2fc9dbf9fae0450e3f725a53c31fdf0acf6d5c16e1b1ea5cdc4fc2953e6337e2fff1edf978f443e70ade15f82421aec4d7048ce7c74f425d0104c8eb784908df62d150fbab42cbb80d4ac38e1e14a23cea6ca03b4091854dd59367f26f1e6939b3031c9ba5796b7a50d2a65388df5fedba1b77324aa26dd07fef79d1d114390adb78610851c78033861eabc2afe383195183a306acfebd991a19e3d25535c6072e3f8fbe6539bcdda9837c9597314b48bacee9be9d2278bc590ed18001a6398bf11499131381580bcfdb43679d16f7412caa128aae9817f758eac699dd58bf0809e947a15be66a6b9f5744969ebbe5ac1654155d65c014f72c31efea5c917ed8f0d6b0ab1cfda6859870427adb4283efcf8fa2ef7088bb4caf0bf0530a065d123bd950c027be06ed9250d2036e16959e34c67b01a98426de3688da749b557347c542e5c18babff91573915f7940dbdaedfa0c92019701900134c979929a67901c1180d3478a044b750f4e1719a04d70064e075e032842294dd354854ffa3de08ed61ad709138b09630b1889bacb4c2c94e5e2f6d6be6299a07d57418b977be0be58e719ecceac142ef0a81d53cc4b069cb0e9e71eba575a97c5edb21c9fa010e90edbad5720a34fe16b88e9ac731569e202d186180d31069f71a35f336d010c25d9335c41b362c303e7b77994af67f0ca554d1e9875d2ae62a4495d60badc1fe81ed2d59c5b5b7a2a4573c26050ef2539182952b1012621363d0637871828cfc1c857bedc00e3c7551f98870f838d2e4e40bf5914a8f25c5f0720795849bdcf69edb1e4dce25e3d8be77eb6fe515e310941d337d6f3e95f80bc7cac3c7c486b3bb778da012d433b25d65554f5541e18359699a3f3099152f482eea1608f3c84d001b48b7400a286dbe4e204ac32136b4b9ef150a414b59481b34caf4d522fe7940f6d141d36d2ffcb0e56dd3aa237e570e2e662b64a26837807c9b2766ae415e23fac76123759f826f9e6853bd2e40ee9bde1d8931d9f7b0822a83d352f3fe07d8537d1d1c8df28e83abf241e6221fd939dca46f0434920dd289b2d5734d3bde6eae1d9d8382a6d9a14894d76c4a7c442b8a67b21e6def5fa04d5be6d12e72080450a0a53f768aac4ca23b326e5bfca2ebe6dee7602eb00c49ad57f2a8e74b8b22495efedafd6ea2fe1cc925f80a70b84fdc6ed6c6396d0639935d4a0488641bd444ae84508a2422f5cba919cb98c8b8c96b24e38fbcde9798e69e5cb9fa54af88805a31c50a67686d53dd7c325d2839741645abb4ac5d1c6dfac1927e90bd44b09884005ad5a8ed570e0a94a199b9c2ce7c12fdf6852d874e8683b639e006ce724a2184366dfeb836c15fe0be075ddb9fb16ee34f376419025ad9d06025b58d97be9b8531a4a2792f8fd59466ea891de395d988c38bce5f740c1564c7e6aa3cfdeb2e694d99406f547628910a0b03028d5537592f5335db697aeefc59853f90be1e5cf23216a0e6c3729a5a172e0bf790a82c3e102e29cf3024260b1b2eae17cc5781d866390033951dca2fb44b193bfd9ca1d3f012e870627ce7b9221033a7bd2e391495f4cd5dcf0513a4f1d99d6c758553419918585322746fb731d55a735fc70500065faec2f3cebe4a604ae1dfc1436a143f55387ca4067d37fb357383666ec61c8055db49c7c0f3ece2c59d7a17231a21e0d2f43f472deaa68d04c5e2d318501e3f6cf3845dcf80907cee34670d8ec3f374909668fdf5398c931570e378a1041c1f6cff9ec721620072f6bb147067b8cd9cf5a36d15e0d38b9e096dae8263e243a4adbe770a270f8619a074610f0132c6fa8c0af6565ab09d53c8f10888628dad9fce74e68870286ffc9601d4564fabd42753e7bc1ee35e9309d070a33dab1de0b0be848cd92808f4b529f4300f98135d1a1a051c6d552b1d18a00bf79ee6a3107bef306b5089c2bbd351be858e00183e6a3580754481f9e262cf74d5a6da61ff08265e68b07d88ff50deac6091182382094728b05bef56dc4440fab3e7c3e65cb48d2dc3d365af494987f9840ed757b92a7caf4e8b517c358707a6ac28f4bba3acadb24ada85f04310b6c78d23d75969bed3653d0b379d8d3c6c6b42b52f6ac5a36eca5df2bf80b646a59ef5438e71a975093c3abed6cac64a0fe271b605aeb348c77e69b01811832204a15d0f6540b901b638fcc84b948b3618be5a7ff59f65f10f9c5f1ef4cc381cf9b58fa6425f9fef36429757d1004d4986590225a0a75b5c5ad69667f83f4d0c0f32315d9baf73277d56bb87fce1e80675feb1b9d22ea2d765d29ee6fc094f51160e6bf883bea116abe53d12ade99afe1d3fb29e04d70f2ea7da9caa36cc0bcc9db1683a46d5dea61647e67b549b3763c76594a41122c56a3a74dbc136f526278d4c55da5eb873eaff17976de6178980ca156d49670667dfc14cf4a7a886ee874617cbd4818de506f2eee8f767795e7ec8a23bffb58783f6a78b4ad45f7a8ff34721a2bb40ff5411b4955476dc8e3050df3d621096a59a8175e4c7e0e9c460b76085ec49745dd73bfff97c55833270cbb62017eaed85c6221c4385b223a6d0f81cd70de5c0219e1c63a84b53519f7c59cb47fbcd42e7aaa76cda3faf685be72c8c6a0023791e6b8a21f12bfa3f80f8065c52e8ab75d3b90546fd56770a9e0aca4b1aea9cf6eb283390a54e636073bffb37a9603900ae2ec86bfb192911b22329132b05df3facd3788503270f9091b7c8393a8f8fe3bb6d47f418a7dc677a38569ca813f26ef83498adbfb5c19b5e9b598a5c7cbc67ebc31edaec8ceb7653106da493d8bf33c1f4a7f1f0612935662e9d83bf257f31747fb1bd4f0515a4e366a96de2dadc9b7508cf8d488a31fd72e2db28f00df6dea5aa08cfa443e51c9561178bd41ff77d1d45d6f2645efff1490d2bf107c62fbdf7761cdb47274c83e020e3a055af00561ee21f583e60bfa3d2fc238f83df718d147383236ffdfb85eb61bd641464c5d126abeda70d5ab098410d382fba27ea1d9b854d4a8e2a5d67909c63726d6c45cc821d8c5875a25903d034c68ff5f053071538d417bce6155ef8c0c2de5e6f1cc043a5588359cff889d47b7a9e24e122c9560a4f1bec6a8eff6f3217ee7889e730101c580c9869b34109a32bb2770e1953d3f9d65e2ae42fa5b102b49551aa3dfa39c526736b3da0f0fed00c4c7d3979e22349f05ac6ad01e37caf148f2302317eabe8648b34d9e206fd9aef71c07db2ae7e24e5515b7496fcefdb87b87cdc5722273b26efe795150277f714f78c2b0cf7a584cfa081597631a96440d7cc5cdf53d75af54e9de6d1d9dba011fdacc86e5a4362083e238b6b96b46e44219c057cf4198d353a63a057dcf7b2d357e5de65665f7124b2360ca876c708101f4f35d127c3bd30bd5dedc167b87d821c523e9043a7714955a88bfa6ef9187271f9b7b9c07a814fe69bafab4227685963a5742276d08dbca3141fadd75e02989c4ce1bb07034c3192e1d5606596161fc046c8f6543908608694b9fd52cf011053b5061707f08c7707f56522061efcbc6d71d1e19bd1dd72eda99ae540b69c380d174c283e53333dc6018cab69e8e93d2c866b67ac90683fc751cb499821de5c98e1f01cc2d4befeaea6dd6e945c5dc1a521e9fa13dfa6b9ba39325b3b3fd218469ea4ecfa598f915377e2f0bfff813c112d86051009db3381dd33207d3225c808da90d2ffb7e905d350de6d3283c4ab5856df828bea95544a43c86ca1bd8ae73fcd97c2cd4ddf0892265a58600493e843dcebf920baae980b8d7c3cfd279d7352571a6df51f54c194efeb3e7f0d4bf4e4239ac293c6c7e0f9f76ee1935a6a2e5c9dd7c34b323b71ca5974b17b0738c9fe0bc6ecfc118749678353d6298f238d67b3ecb0159d69643ee7018473613ef7ab9e0882cf6842aff345ba47422b2d68a08ab3d880108c515f8008d2c6a354e372d6ba0ad3e409637c4305e89a51f68cb2e4bee10ece9214dc20e7e489e39db218f231895e3803bde695d4646484f430eb8d63e2bfe105b34c777d5cd0f083b40e6a086e6215c1d88fe8f580c8dbf8697a0a316fb611ed5cc0c9cccc373d96e0cf7f56daa31a4fbe2d29890abb03acc80de0c44e170cacd9fa787c5159bcb320632466b571df62c08f7e64c5343938ec363a3c84b29ebc01c3341114a6c6eac0e10f05fe53be5bebe920c66849f1709a742c2df12e3120a0972ba7733042b520864df2996c4a78574b1b3197fdf8f25d97fe8db37af7cba93856b85375fcc0f6a97f535fae86bcbd049a765d3a9552a7151e902f1d3fd75254a319b90a9a95abba067de64634ab97cedd50cebb944c9ea8c073ede7636b16f285e6d5a56a5e43a8542655a0ac5c9947e120813a1017272edc41f1f29dc80f0d09503e23bf3e7eeabb5476e9f3fa1080718365d0144f494f0445fe8415abfb6660bf9ec8ca85b5b865023a4931cd36145746a4473487c9d41834ccc9e64e2fa2a26e5124de349b91f6d17ea6708fac2fb3e247976f051d1bbc59bc25a1b5c63f2aaa02171a96ac1a82b9f7e1900a3f1d1b27aeed0979d776d41242ca4501dc68385e3c98855996f0eb5114916e18313758da8fb5254a70d75ea1d3c334559d11dfa445db7cf9b9f78749de480aa9a01327ba19075e323980fd2fccc91597923f7d8b3097561e6ffd79b62436c913d261a01caf217502b5864a4d557fc5b7c4c42adb6c95e468d85dd769d8599018e72f142458499dc416143d2dfd45db8996ce5474f878d5b6598473278f4b08f980c96bfb06a55a4f17d02a40a18ce4ef5ab423efb65156e66be7ceac51c00c16bc0a38c22604460d16bf9bc5dd33c59e4356dfb425db7a0237f12cbaf47a28f86eca1f3a3bb9fa71ace7cc2c446793afb837dd1c84e30894e45f8c9d3bf6f0276636a3ab9df69279535ca05d959d19de08b53d55db8fb344d0c0deaf7d5633dde1f05aad8a68787fd5b556fa39b7ec9f73f0caf0f7a100855d1f71b20c9ce2505a04e94ba0728f7595a7387f8d45949a93a39f72fa41dca2f0602f50adefe683a7a8d9440fabb12337203dafaa76f603efd306f7aacb4b3ada2b99d76371e3872027a078eddceb2fe4c3a9d28f54e2d4fb0873730e89b03e9f325e301cc9c6cd27619ee128e5d726b474a5bd33f5bff474c10d58ea1532858559183b3c8762a1894d1937a0ea1aa16b066acae3ff8d838e88927713ad97549c5cb8d61fd748dc9ff162774f54d2e1f805d342428be0c5a9c612f17712adc6155cfddceeb6ed4a9a8acc0365120e2bdf8a9b3188bc669f5cb09a64f043343e8ae38b1bdeb8d6ffb42a2840636eac52f9a1f97ad9148bc14a49919eba42690efe115f905177619141aef0687483232d4eb2c51e5cde3783305b6e5a6c8a303b9977c9b100b93c56c3803289c0c91340bed4bdac7e0b30291233af054d1fc6cbb41653b8d45adcc1a03fb577496383fbc933704285c32691a655eadc1e356358a245bb4eed78216e3d8e339968a5ebf4f43e995da9e0260e079c47175cbdece5995e50cd379c8dea7127ca3ed1c2aea20db20bb3b4d02157e0c4030938af9b0f8e30200dd87000d378a53e24702a671e28f36423ae8de07ff10b4fad1b06fa1d2b4af3a9c3ec3d7e27987aecee6e021e388cd0873d6f5c1847cc1c8acab85b5426a192ac42e3dfa53003299fa466329e0f6c432b5974bcdb5cd450d1f6a3872844fad6671d7889a499b784aeb5fd16a3da33bf1f09eacd7d8c3923b0b303ce2d03e1efa5f07cc723b887dc84d0c861620cc1e191190d62ece8aca258936d50f0ca6689947225bb1cd99a1180873b525b6b1953155526e64c38dc0a5f4a49befa2bd764c88efa190e0c033d626a164e2bd896ed66ec3134970e2366d8936c4fa242652c4ade78ed1ea810a217b4b1e95a27b9c41a8108715232a2700603e8d4d958dd8e07106968311c550151f4e8f53bf48c3246e27bbf43e37fcd47200ebd65ab05f2500e12ae54c376701d94e7a711760abf4635da51c193d5135ec7476e97987a3ed55a91a112f02c98c83fa0688316f0141da5d1e84d1b8d3ec78dd1abbed5493a9ea37d4ac1ad821852b8856753abb929ee7cfefa19c2a03319d4b28f9ae7388f8c1132ed921768bde61d223c5352b88130bfb7b1fd35d5ea1a4aa958bf7c3a248e7d70483cf0a9ffb983bc34533104a53a24a14514cfb7be4650b9290c2881d6a735fe8909dbc2c5fdaba0c9136367714bae837733da429a7deacc9a04ea9209ce0272d96d3d8b292da8a01a0538310565e2c95d10c37ffa87bc960220cd6b3b0f61a8344462183143e57bde3237aa0821918e114bf87b84f5a58ccdb494c40b169aad9bf4cb8dcf04997960454613c68da314a20712649d78e97f9d6e09575ed320c9f80a29af83aa8badcd894e6ee92922b5d04fbc8b9e41a2b95f53fe7485975e3a5f0ad7ea6e81549d5724e92b8177f458a167fde5cbbad1ce9b73b18e0ebeedbbd0f75fb9a7b97220995da2246cedeaff80b2311d77fa10b7353aa713af57fe09bf9ecee4ce58b0f8a62ce68bc48f47e5dd6d0446fda170200be83bb2902253116d74a5629348259c6387d8bf90a1b2109abe340c2743df41059d72f73316274ef23baae74f03427cefa309eeba276851d018497256319ef0612fe4bd820eb26145855e1ac75dce7ccb073a6f03e9c0ad76d1c5da0f0708a1f442b65c8a44a8f5b4a30c205325ab86871125a9446660bd748a1243257029c10dc4e460986e82b8074874d70c6d31968c986c69bc079bbb586918b3ca14a7e30a20bfcc22cf9d614accea557d1513a4385489e8a59f7bea6f5f550bac69d5a5cabf3319dc27b03e8d49e057f57b1e34445e66bba9d6916810371b966175ee8798edc135531c72b6aa471e2ff7f3ffadb2ef31ec5c095a588bc0019e8e508a136c30ab6d220d26b5fb55c0e232d23eb9ee98270155e4d9cce70267b2706ae6db425a47672d8c2ebaca0b3e5fb8d885184520b0a22da2b6a5902daad0c6de179446d324b9bf1388b59635ea855f6763b18b16d1f53a2f410b68d066d6c47d22621980fbd8040df87880301723c4737939665a5250b2e6fb7bc5e331a8c4746678cc8c4fdbe8dc524475041281dcc69485d6ed0ca978db0ff0b4b67021368596e37e0403c524def302e47dc12e4bafd47169c0adeb23432350441ed0508b704e6fbdbe2a7c8aa7f439424d4ddfb15b996b9af499d21a4c7afd78d666cb703f60db5c5b7bc76dfd545368c48ce817e91bd6fd6eee6db5d6e15fcb53cd81338aa539f493bb59fa5501cf15326d1a8636f09034958deb1af13e91cb0a136da31de7596dfb619f485b68339d26ab38e92ab90f20ac39c63f3d19cc3eee5ffa0dbdf2d45d6690a90ba5cdef2237032104466e7fdc1740b1877311716950edf9a9707102d7538e28a538460b8463ddb6cb4f0e458521f6125c30c4019ba1fed42487c9ea1e9b0c8f9616ae1c88697897041d42bae6f6e0df0864d8b40aa266b2bd9c7b1aca6a6e2eeda7580b25b407a25da647f0affbb5a76a79108d6343e2c11e08133a840a3755a4c8a710d36fbd08067874a64e63c8440b7365ede9130c0d29ffc523fcc73a7f4cd0c142f798d8929ce52dec592b9b0222be23630c2f0976bd2e72e72ed5bcfa9ea249b18ab1d0455685b9af7273db174ba88a460bd1debff186cb93faae0db7c5453d38127ce4812ce4bc40acc43b6883bbdabd88aa2f516d2ef1bafdc3f4acee89e4fb9889927487767f80bec96ad7b2b6b4fd908cfdba6f76ba92f7d3efb010d83a53aaa3743e609e96fa3278ff43e21ccaab0ab2cb1997d75f3a1cde32f3eeda64aa35cc98c7a6bc2eec7b21ee09729d4e3e56737c66e991a7c5e2b71651080de894fd263de73e6d6937da083aaacee680caba5914492424c01c93e1fad73ee0ca7fc406473c52e2bd908583c460632d714e4e298b19dd17a93939b5e7ef2b48e0d2b91f9fd457f5dafc29a5ab5265316b1aa302a8418597fc1609e689341132fbaccbf22f964a78ce0a5f4f908e9a63377aae63f0c3da78907d01256d53d26c4dddb3b0d0970b32ad758b6d535968f43dcd62d8ae47f4f9860dcfe44b7bbdabd232eeee2d85389', 'yes', '2026-11-29 04:01:18.78524+13:45', '2026-11-29 04:01:28.78524+13:45', 1, 0, '2026-11-29 04:01:18.85647+13:45', '2.0.0 OK', 'yes');
INSERT INTO public.attempt VALUES (5, 'default', 'ses-3', 'u-2', 1, 'create', 1, 'mail', NULL, '1.e8f1261f8a1081706a35', '1.0e75a3086e09c0e9d55a', '\x01026b3162afa80945437793f991909755966cdd2cb8882a2a016ef4a0855ccfb2b2d66b0bbf59d26effafb6ea3ae94231f0c6ef64d7db5862b2b1f71cf50b7b2c9cba687d5f4d06e480f456d40bfebab34ec757e227ceb6c786cf5cf4412f0fa0e62d9365afc6329b1ab7fd56126e4d22b1be726c345e5f86f4f771c45d648bc6d6118c934511aa2e350929df453e11ab43e9f6634e79b2e584789125168a755eb6d9f5b8a0d2e5d386e95d7d21276d125ef08e07aa16bc4cf21a389bf4855ddeec5942ceef33def2696ce7caa8caee86efbbd4fe6127b214a648641bf9b283723a4f9e57647218cb0b80952a3294e81d092d34141be133b8de89cb695398a5644f32cf9caaa56012016feb6013f39ffac7d0db11ed0737a27c99d11512ea878b552e08276cc674ebf2149f8d9289d227c7811246dc644f816ea3ecc51a3d2eceb0a40e948a6ae208da0e5e1f3dcdab512933feb355111358d00b51731e3a8f4c527ed6c67ca9d12535ea24bf8120a48461573bbd032cb48920cdb0feeefbefd79547bf83d9b37082d0224d16ddb10ddd8a191e189a073986b6f8b4df46f368a5e272954d5ed777f233b1b240600cf32a4709b24ce92c1a6917831e9c84d8953f4fd73e14123e00ea668f50bffec8d141c9f159cd3632aef9b6133ab777e5c22a57a6a20575f00495c454ee552a2c9dfb1800ecff8a99b670aac97b69b774ac26a686145a55b2a0e66a6ffa211d9ed26834f7bae7ed9bf42a57a6b39f299883a8e5b6ecaaec3c1823b157163378e6da14ff5b6457e61e4bab670a7e0daa328bf1943d5b8a86ec47b55fb07a3759fd827b6313b89c5624bc00e024fc1efa521a2ebda4ce4d597066b458432fb5a784bd64356c5568bd3273a957dd2c72f54d44642c3de122b6e7bcdc7ea266adc510b74eef786e0f8189258f2c762ea67e6a70b7db21095e3f46f7e25363c3135ecf735df3377bc2264a26f2f58acc4f9a4fb07e5782b696a2d956e4544a5f258d00469a76e57f13e8d8ba61123f3758f2d57fa50c2e7b99da04dfa8dfd1416c1ad4537b56d50dee7ebbdb4655cda925f81a6bbd239f7e6fa8a1ba9b4796d3e9c8aff5bc9a1fe8ecd10aeac91f48d303a23922e253cf10d63445d2504ace0be12d7c492d82666af70f20b64882cb6c94cc6dcfc18324c3f4e99a846efab0e1920feec8091520b3fb5a2395f82bfb28c7d1e4560044eca7203288189be730dc7991d9378bb2874b64c25c0612c094f0f225a67fe07c46d1cbd5c481a8ab7c1658bbadc15741b30b3a5ba3470b7c5e56f181840ef32554015e0ea50eae41f2c7aaddc5b8b9924ea78797b8d2515bf8bf4201a7f8ca06458b2179ac7a94e3fab0d153b1296347eaf2033e6c710fe4174078e6a755cf069a97b5a3502770b016a08d797cf466c784adbd2e1f870e20a28742b6b4beaa09f9fb3cceac4bb5378e17313b5b9d7394fbfd32eb312206c8a603373519a4a15c80be08dbc8dd90add78d854fb7a0d171c87df2e18326ec8d9a9559970aaa7f8d8dcb50833c274763360ac5880c870fd43aff57c39a69a130f9a1966a85e5292b92842ea9c5cfbb53fecc0ff55feb1e353ad1aa09fed31baaa504c87057887f9540f3e780fabd4f43e1f10223d91a97b9e38a50d6ddd19a497730e7ae6f07ea2a69d4efdb548f0dc224baf8d7baff4974b7987648b00ca68ebb8f12a09f0ddfca6aeebb40be776a111bd0a180aa0c053220f14ea4ab0b74e1cd67aa646461217c57f3eb793bd706efc37fe5fef71fe36c03a9717ca8165fe4933f370ec9844a3ec1389a8641cf06369dec7d689857905256853e9716eb8a551bd4dccf516f55405af7cad69b22099f7614810337b3fd09b5f58d8dbbb426af78ef48a3ef763b9335d4ab5f0db21ede49dd4f20cb3935fc16155f184cea1a005f3a27922717d2143d1df524f3e721fcd5b61ccd5f6a123c5d1604544c747b1c160e3ccdb8e087fef27faf6c08b5da4a3f0fa1fcb74a6b03ef36eb1ef3adbb1d635969d1291582266710eed5d37850e3b497c7ca18603fc49ccdc7dd91ac4701cb75702a382bd65d8639b4735b18cd3e7e6f2eb1dee13394f7fb9e03dfed084091a7dec7be56f836b6f43bd210526114552a9a7f6388092a62029bff6341a12bbc254833ecbfc06cc4b089bf27829648a24e1e7ed022cc05fccf5ce4dbcb858d4de8bda707bc7002fd94630993cafd5cb2a3d0d9db6bc4402104631a15a1a4693951ef1c9bde37b130bc0a131fe0d124f01e9b462f9507061ee5bbd65b68178366b23fb2104d1e679f55d1e8929aec7079a8f2f753c4639afb6f44c0ab518b5fa97aacdfa51e283dbdd6503e346907f9de74e4979490564aed14b01ba97728afddbab5f1a069677389bd1df45da48e4452bcd7a1afcf70bc6df25f8ffa8366646c8a4e3c57e8012b7a2ecd6164fd5729a9ea90767dad642fae6be58293273320d73620eb2b2b119092b2127ca979a5900c5faaff7727459007391e1e3c96cee652cddff3a046e97a7852bd6b91c27a27c31f3c2e5a99d55af107a112ddce69b14e769636f5f117ced8031a382196a00b9e1faf143c48aac34d981a0cb819f4d220e6905923bc8250c5c13601fcba9fe22d4af07263c68c83dfb66d0578f049e7f5e4e33addd23492676dec3a633044944c117d865f8023bcd2cda09b13ead1c0318ea63b9d23828e976b9dd63b9d7c4de834996c152492e36ab14a522733073ecc98dbb3f773a603345777abde1eac1e67e600bff57e0e98a32c7fe7d639ba7230248de6c238213885e81025223561bca3a4f7dfe6b8c5b1aa074a905453d78f4e86b2d0ff72df61321e0c05fc24585a6fbff90a7f0233df4c7db3bbef58638a98bd3029aa93cae120fb9e472696b0cd1d16699454472ac232af1f2ccc1711d57435ef72b740642860f1d9438fd6883e98bfbd7372b60f634cb2e15f0f2a418460bedd6c3673b0d04b5bc531c4ad558783b69a7ea2726aef09c5f92d1db908966cd80a0bddf5f52388e4d6fed1088d97dafd88efd4543141f5cb5ba537b263c705ee726cac9c8eb13b566960b9599322534638be0f212429542560f3a02d76c6a2f1d8bc2bf6b50bf7abcd72ec025c0126ad64286f013e4763c487e4d5511c627504851ae78bdbca4b40938097fe0837a655e3b0b735a5c48dd457df7770236689168641730332c32e393c4643c164761c8910b441e5e3c250689391fb3fe75cd4fca9f416f9754057b257a2501bca532f56b382e034fa1f385ee38bd5add277ca52abbe34307958491748f3949676dfa42a69bc95f9996a1781f5bdc6da52ee29accb32b7d53eb26449f73b1f2ef422aa2d611f5360d7ab5d7fd334ee3c0afbae4ef6ab27d7ba59d1efb6563db98dd00706d058ab2182bac51f989ab7170384a9d79289b35194a8a155ec9423fec06f1bbf4b91ee35eb4236fb91ea49aa28aa5efadd4b11e5db97e8943410f0fad9e6832ec0c72dd69dc8aa19f0c62764d1e7180be68b039411355aa88a454296d2b2cc3e78d33c45688f36ea6191f737bb54adc68c18d4747dd85bc31d8cbf63773893ef67c06c5a7d995db7f3f110993b169365f4072a2c0323f1086f8915e1749e27ccc6802eb5ec8b588e4ff52a07c19be665e8f9ae08c2a998b81f111a222cf6f560b833f6d91fbd2553667675dc71be26730f97e2988292005dd58ab414ade93e626588f9bb63937b32d3282a4ce9ccb5b1c36fd08292f1dc4dc9a4d2e4c87f209d7bb5d5f1fe209cbe383b0182a6fb8f56b0ec7fdbe345abde88e50e952e326f3ba2b76c2cdf9d5b69e297b519b2961d2e9cb780afea670bff73591418d44f5cb9dfd6281c281f0603766fa71bcd519aa29b9d22c4ecb019c505c12c23b9254c4a9036f5f98b957235145132f36900353d1b0af91e4109842c5f29f7b53452c3c3f67f52fddc01c42c53c0db20e20d97063a95f09e1578a55e305cb99e60b4d0b4d1597a187e07e594e6ae812dd8ac6c41dccaede513799dbb6435e851b32e8ea9a754ca9f4871830e2eefceb1cd147899e58f0bd0d07c38ca356774826d2ac37ecd28e3f8e6cbf7d9ccd16839416bf05a608e2a7042f503e8cd0c096305e9def4578ce84d20962d666329adff6912072f62726a8fbef30c11b74f0b3d53ff1ff5f81c990679f7baa7c65b75c6f954d9c44c56daae086b9d2ed100b522d926a42660fe0efd41533cd7c116b9325a887105504b278928b22f3d97a899e269401a3d6ba11eb408aebbf5e33f32dbc20876578cb644fdcd0369594c4fbd7a83b570a87ed12f652e1241fa8996ec9200b61193e749bf93cae5bc2f648cde543ec118c6ad5b69f711eec2436bbd8bdacd1234e6a1ab2b6efa6c5665a1f49c24a887fa1bc0a14fb752404490fb3f45254685e503a084f74a464d4998a4d637c8af54e30aafd15344e67610faed8d77247abcfb0900cda64c4ea89636e0a754e393fdd360a60e01d58aa106e85432b4be46ac0f78a59d91da28d897c7ab9fedf372cabad4d309c9346a0408238d3553e23e05d087b841e01a0c5d5fed2ca2f9b66b74d7efba498dee2b6f09e030a9edb1c5bb0f1b1bc1c4b2c4adced2a1fe44123e388b1343495b9350385afed0794c8ab72f429fe4d1c6055e3b8d4240cae268d9413e9cca266e26bcadb8e7d68fb3aec5f81c2f8ffa73de9a5c84b671468d372594c8d26082d2b9ea27910fc67c2846f2d9bb39289a5a24db8bff8b6f463b8f770c8602e5fdccf40581314a5d1c834e397db51ea4eb07c5c32527eea8490fa4cb757184fafb6ad4b26f0f5f10bf1bf66b904bf53b25a1578834eaf44ee78db5893f4822d5b60af9274bae8cc0bf44e6543ebb90e4f9452c16ce85e33bade504c884ddc99ef0270c68286a56abc9ac402d3b2907840d35075f03198be4890a4f3b9272ba812af26025ef7baec81185eafda4dec0921d1140122a141f9e4c2e1d8e1a51b45d4e0c098ddcb42c2f61ffb44748a0f6c3020d3748cfb6fe88a137c368224313a36687eed4c6ddbdab565626f024651d739e5267a23a44a7e503d0733a9bc893005778d0e357c531a7360913f0cd65b7682b9cc3a2856f1c54bb0ddcd28c06ca881c1abd1f857dd8dafcb2f6ff5aa670cd1108e17d83f4122f658d6e932d1824102479312171da02bcc7d397bdeac7993c15bd0bca2fb36087c2c89e1ffa66114470da9d7fe894c6559736d7791a3f3edecae08cde093989e1b26d060ce5fbcbb96c7fd66b3435bbadda3954f898e46c5e88cd8d1c80a9abdf84230ffe577bdc546f24895dd7f2d049d8c38d516550584eb2bcd10d58fef479d0228dd97ced1bf623813630a975180095c235aa9867d7648ea1f42e587b692e1ee5aaae84de908535eb3a2e9a63dedfcd4148729fd6a35ea732cc7b57d12be8aa784c84d72ea23705ed1c3610e705c1eb52eb59d1d149f40ae826bba8c2acaadcfc8ffee5f7edf990fee88e77eee84459aa8cd183433d127f7aff4910601daf27e96f5bf0b7b801cf6865c821624ce1f56eb56499f5839e37b3be1aa32548b7c5a0951449df7680338a3d8a7356f6ddeb30d54f1df565f95ad11e4c0c16985834d0212857617e9d26793efbf627f0e7e9c95fc7547a0f1daffba5ae4d33f52c2180de1ca1a99a7ad1b3d08c0fa624b63c32c26b35ec760fd2c77973a74c8a1b4d5172f3747570b00b02389adcbf74682599fca8e15478a657390c8dd6515d3b2275ab60d02c456b8e110e429702f465c1c85ae6ec40f5d538be7c17c0cf548a7b14282e5d0868c5c0e1120418958fefccc5dba4786238200c145771eefc826e26100ca9bb01b1094e12d4ed5b8704959e00215fa98d0dbd4666ef3096b08b6bbfad954de40e60d63b7bd0bae13d8c2d1d5562b51fb4437b74e1e0b87575d0e2dc5ee53d2e0c9102406edb082869ab95cc5b242c4bea77ee745fe16e414135b88b95fbf93babbbfe1d506746588764aae8913edb3aa40b2fa3007bfa2eb39a53b35b378b2b7d16c16db4d333449f1c706d5cc0cbe7e63aaa1f7807bf7b6b46200980524331cc7263d242137c4e2ede2f40081e828d33a05cfe18e47180436189b01e535e47a79d59721c15d2e6cd32a7a73819f948459dbef0c70bf91a92b32fc1b36e617b988cf964f2b082069643c5a58eca36b40244ec727ecdb6c82320a36156fa04a081c7bdef6ee3ca985c826b86dd6cb71cb039129fb0f90498f749d15b6b489e340badf57e19ee940e96718a468cb7c326ddcd79ed95101cce88b1b0fa3da9581a7b8c5c4a863f754a432730417a8a3c9d66bc103361349db33837912dd327095f79b1ce0030cf24abd8f215e97dd63a810f31ecac4ffcb12d36f96feef19423bab51a4c620aa62a19220013fce56d559a33b53d005741eb2557e54cced4e607d0bf5ef4291ed2db7a5987cf87d3e89fe010585cedc1f340c8fcbe8a531a359ef525121a4384493483d0cc5239e08034b3dc515bbe7b0fec99f661f060a2724de192abc0f7d9f412a7068e1a4ccc0ad26bc83d94c977adc2db3d2278a127044a77786d1d86b011fc855e9d7de105c360b367a97955084aef4b0806a721d0daf9264c2edd1ea92a4b081625524b1a0021a2e3a89966fdcd596e668aa6f4d66aac4b3f38a1bc1f8c65c451cd336327bd353593a2816861f1cbbf64207ec256206db26eeba7c156536d5333f29508e742be7eff2eb5eb03777b26e8160a20c0b74c29cc8fd5c56ece60b4d57790fa050f945580cb9d8b10210dbb4a2d08fcb21c01546efd3432912cb9702ae572fbc389e897618128257950214f0e68317d78690a723ae435975a0efd09da95292403c4a750233c1372ebbeef9d1e4aff17b908857b29408b08befd7685aa8081b2eb1585d8bca7ac7f32286a9a97f3de8564c7821ba91d0531d5f4bbefaeb40504bcd9350f2646d458641cffd2438fc8ba8f4b8b14089312950eec85378016c1e536fdd61984d48e51061c4ba58b7a20f1d42668a897aa12307ebb41c311577906dbb4de1052422ab9e1a05150f2a34c7f8a2399a5e8dace20c6e88c51e929f526c3c10bb9ba120bc3010fed82da4d9eb1b6ee4ab19c8734a19455edacabd3d95c9265d9c24e463a90538f228fd231f8fb6fc464dc62b2ad4ce731b784c4106a2d738478cf7a18792e7830afe9c77fc4d283a12a3601131681b6b646f0aee18fda38b6ae950e39ca6a2c4c22e971a53c5933db177f402f2360d26ffc19bd850292328788789742744267ed052fa4e5df7f4fd6066d29f8a933e63b323e74605e7f932813ef3ebeb5d05d33e5ecd8b12609c60fb8b5b40d59d905d04e343a4da71e3f6b916e524f21f824e0121c8fcbef4e75b4ddd63d51558048b3b3c37df183c39ae82c92b4e4de89112bbfa10096afe5336a7039b1898c1cde04ad750e44df138bcde53169151cd825e3bbb6a1d18e88eed7427bf4aa081445ee9bcba5a90ab5eef6f9749457d04423db9abf3fa4b8be4418706d5904ace064a2f9a4795673eb35beadcf685f801ab726a2a7f5bd4206d9943ed3a8734060cd7378315bd62df108be77302f96acb1ffb9e1631b19107409b69d95bfc127072a2e225d3e1962fb4846b3ce8c7496f1d8f1892cb763810030b1932bc1211cfbd0d62a832686d5918f01087aabf743957f2cfaef64106f7607221c691a8dc8ce8a47fc59e22bd57d6594f8bcbf1549b37a3fcbc39c897a4b95d11d9c63c81e2098fdac0e0664e15d599ca8d176b8b7bab007af84662e54631244d3711ae7bb755c6a792ea246eabdfa82edac80c514113214e48582b7acdc249d9186deaaf1a28e4074a39271d165ac576c996326e39012a8b0bc1be4ae607422ce078174c66a3f97c584c61f6c15fcc7a432442cad8368759aec9eec10390cc7c095279fd8a996c60492eb06cf82b2fb0ba294015f185eb4b0c2b0a0170cea54cc469170926c310d139e3def84c9b9a9e3e5f5c83cdbe292575abf3e5253cca193ad3942ffe5cc475aef1233d21977925e790ab0f0d5163a3937eaab9586efd8b7c2cbe06ddd06a5588c5232681085072e74665e30cf1e8daa7511c29943757800d64b9616c21f228202dd19d41981f377011a1d97a7bf9427bdf2f14648a4454b26d034454aca946fdcdb6ae198f0d1cf8e2ba318f72a0699f8cb282d17a99dc40776f54cb73786c379c8735aab8510fd67a91322a3755a094b8cdec41a4c53f9504fe5b4be5c5529fa732a42d9beb430e6172e5b96d4911e4c5243460b9f93b9705d5d1951a65402463d4173d8607cda10e60efc62159de981b1092317f1c3e685c21f12454e52e6fd46fbdce5d1839f4a5e08cb7aa83133f589bc1ae7181b6a1d2790a178131939d22b8669d22f3f6514c2650167569b4c8413e2f4e435e2d1ba78dd00b398b77796cfd6cd38d56cefe1abf423b6dc856524afdbd4997ba8c5b113cf7fc6aa426325d0dd7aa4632674c946cdf0c8ccb2bd9b5ca864bc7523199053f8250d31317fc20d0d9090d76441bb6e31d710d23aa319df04c213357b49ad2c07d4c9c9ccab374a1abf9d94c5a50a23f16fd487e725d427162054fc21383384747bf1ca7beb0b6eea557a221726f25210bfb509e6ba9ba509290930cd65be8a9bd9bbcc15c2ab0ee22bf3b99e6a386c2539411ce2cde34491609159114c848d4999c63c01679a31359abb29c9ef0795f3523c96f2c03db69cf6e3a574f9821366602b45d74ce168ddd214756db1e55b5a143bb76e4d02dd5e5cd146fc4a6eea273fd9fd96d39d1c1341c1981d513ea283a50d3d1139603b9a8606eb09fa586b64580a3d132a214fc618b81780542dd80d59b78c0a339d30e89b1eca8e89f2e18b63aa01be48da6694c487ff8fcd0f3a44fec6508503436f7386327e69acba487e281fbfcb8725e9e3998b0d408bf0c01174f811f50d89efb9fac0b0189b0c9f6e082727531d745f7223611012d0ac4e6712c73d881252ce77aa26d4812a6ab659f1d197a198625dab8eb9add3d24d84de90c7a88ea1dcd2675f37ff14c0f91166a1d4231293dc2baa48312601584e58bfa6f9d081e15803a66ffa1dde47fe8fec661513080c8c4c8a49920209f9b5e38a5b4d223a5646bfc1e1c691d645a1d936482469f686a0c82caf6438f665f073c0519919d86232a9c63116d26460b4c3320ff784ad106afc63985131be325de0fe0894352907a815975c03ed1fc2844be2c5272f784aa1de05b5c8d99edabd5dea91ce0e11a8c62e2ad5cc957014f442ff7e1c28e634a25ce4811583c789091f9e66fdeeeb3653d0f8f70fed575df0d536682e4c438cb304ebb6c711178d4fde57e3d5f844b34856eb7e2637eef8e0e03eccdcd4200bb145b57aa5a25e5796a2eb9be1b7ed96d98bc57969e6a80dd8246883c3e96da799651ec4caa6bbe0706df26b5f6ce48cac11d12ede4cb45e6bc9df087a7672be763515d62544ae92c955b8e539b4c4e35932b9cb582ac9fda09793df88ba377661bfc5435836da5dabdd3c180858e933afa763cbd5e042b39fc5428941d24721697512caad29edc8e67c0b431b2569348826bcf6ee88de6297f8883fca86d9de11a6883dd47c4cbad7df85ffb08b464d0fc68c9ddc3b43db49c01c64b939a04c2f528beee50d1805104f07b2a0fcb4c42cb9c5cab1aab4a86aa9d8647bc5b7d2cdb71ce0a01ab77f0cddd37f06e8a68c40481fbc94387a3a78c1bf770e8033ef5c5da228d6abd71b031c751d414223adb288957b0c15c596ab009c20680adc10eee659928148358545040e624ecff1216a5d96bf6ef51811b1bc7342c0be2096315d7fd8c67c8c6122172be000b96641d84d5b75c5b97245248c323a1b364bca96f59efe2366b3d3424a17d880defe6b4f9c927de8ab15ab4357b6768af3adf08041be115f770d31e3e95895ed1d357fbe83625b8f877a91492d336289875288a55c3bf2d177a2f24c8ff85fc798df4a8957ba98f0235630b57a24a645ae090032deeddb9c7cb3e095299684db8e27a6d5954b765af64d874a3150d9c47f9b494bd874c85fc06202b4914b7bb3af21f4256f5ca8655fa6620cbf4b87ccc18f9d391629714459d8c2bdd16637e8712793608b78e2c6a1f46f5f501ace997fe9b07d3a89fd4a35e66584847208a5031ea2554cce3db7e6b83ca81b40a22fe1186664a21685eb83fa6e16387608fb860778cd9069cc193af711ca7af83f6a4c3b7fdb5cfab000f5d15296d9a97ec98d3374c33f35c6ad2777acab33e1377728182bf7bc1249fcc835edc14d09c8584860427a44ff65433eaeb33020fd3c01953cfff975106b599c61229d1d1a1945e8927b8bff2335be36b393d4e3463fcc6a5d88db14e4a3b87ae758b4da27997786ed35d9050821529ba59250825c38addeb1941cac46799a0a3d64dd034186407bb89b88df791587122f044c4336a2daf6f6cd06d558f96da2a772d32dddefc090fb0c1aa66b0da94eef43e4830a95fc754450de525d3850709444d2b59db6067ecab0850201587a840c3d3700c66c78ed9d98cf3665bd653bea1373f07e9b5d0e0126bf83530f4472e45ec95d8ac258519c299c83022941d070d1019829dee8964fc891444fc7589ac891f46225342956a78c05640c52ae04f8d2cff00622433acda046616a8c54a6aee8ed5195acd86518a7243a0cfa7cdf36a773a4400a211b8a25b49cab9f3d53701d27e79652a00de9a912709001eb3b97490a5293369bfb029dabbe372d763cd05a56b1fd3d92a536a62924c1c8e32ec06f2235d189c85d06f2fe29915d10c232b431b3a185528d24b561361ff631815c0277b8e8386d706e04f36ea539257663676cea1ac73685e5d09f4a5373676776c6f89777004c485679e5331a7a34cc9340fd789e7d4cc74d9231d24e2c7bcb2b31d805ecb27fa1c92e41c8e4217bf5f5a7ace2c48968d04629ee48744f6bbc0ce8f34609a9b4696552594fc28a4f101bb840a8a5edf9412c5eea92e025b158d5916ba2ce6d3a9fdc04822ab136722272cf480829d7b1058b0a8defcd537583ad36f79b03d1a5ddbc1533b95195767e9c0279440b1adf3949dc68e3817ff5232ed4f2b8e2dabcddb586b90463a2fce2ae5b360df3811508db7d2761d2652d01fa5f135b2b3e0e4bd844eb4c123c5f7c1a7688b1719bcc1054139e6827f10b3ae194e7810869acbc360fd4f359e398d2803d5ef191afcdfa3e7f2956bd9fa7dc96428d9288804c4c533e7378cde1b6c46256ba3c63462d0edf8371f6cc552902db798c07b09c090409b21036c7e6f1a96b93daa42b9ce478609aeb22d1f7e4fc63d13a17f21204d1733ab9059a2b893956c399fa6054b4a0906d90f5707c78a072ed63fd62d3bebc3c7426aab4d85a6a79ffc41d9dfe00032d9355a952b1172dc84f621fe5c6226b256807c5144709d80b8713ca478a456feb36f0fc8ebcb2492a01f8b031dab2032bbab59bfa6fc20df017a4247d1194a191ef4050ff46a36e2e6226ceabbbf05424899735b438937585d0a6ffa5f82f6eab141bad1bfe41f0e3f3dff2df77ba4094bc4d04be4abc0f0d3693ed69a54f92d25b9aa6027175838f247ff9aa1dda475010dd53ddb7d106afe3996a3d19c5189e606730e4a4ed8694e861af44af4febbc6627', 'yes', '2026-11-29 04:01:18.876723+13:45', '2026-11-29 04:01:28.876723+13:45', 1, 0, '2026-11-29 04:01:18.92441+13:45', '2.0.0 OK', 'yes');
INSERT INTO public.attempt VALUES (6, 'default', 'ses-3', 'u-3', 1, 'create', 1, 'mail', NULL, '1.b5d766d49d53afb8cef5', '1.8f7e69aebe6a21bd04de', '\x01026b310896d30a75eea49351945b45e017912907d9ca86ebc3234b00115f001e7681ccc3b3e65d7a368a364c154c64bbff5bf35830c952e5befc3fde6b53d8afd10d7ba18b682da4b508ac739506e2ce1ad8332229c24a3a7111fab8fd5247bb90303e820a5884b89770ff7ca0c69c803a4455ca8ae592927dcc5282eef09f23e1c7096b31f5cf324c3ffafb2ba32abcb8c83475d1ecd9227d23637bbeeabc18fca7bd86d75fa377f0cad08a35744870d1500d28ca65fd65ad5123ac813dc5733117f8da830a8872923b809e676940a72a736da72d6e15fdfb4c7129f466bb2eb0a0e31d0e58eb7ee38b2f52a23242e1ff9054e1fc8b88ad5abe637c7e92dc75ba167924a6c7df3768eaab8db1b84c5c87067719c847984174301a86c49e0b5be2228bec4275bc5b6b514b37e0f4a39a9883a6dd97045c5535ba5e387b3df6d6586abd476c6cbaaf1577b29ee0ab6b2ff2809a889df9fa4d4ff929c06252fd38238f239be32e095d1e7094c9ac3fd2785a92e48e81843938618d66a02dd35e873a5f0b068dcaaadacb107edae5c450ad20e23188c7a8717b0555ea2e3b1e4dad035cbe8a30d5b8f5fc10c9391029930a0c1c0898bf6d8525de04e8af222791736d2da5aad8ab63dd5dd568ea491df4531f7957952da1cec4fd304829fb0dd9473bb333f02b3723b80450e349fa74a588cc3bd996e2bbf9b00b8d41a03e6c54bec6cd941f8335459d1432703a0da9805b2ba5113e921c52a4663457f4bbc8db37692a8f2a24701bbc4bc0c4648be6ca88d9a0207ffa55638b6bcbc9fe5ae18de99eda63992e606a6684f927d9aa30cdcc8837dc2d7c3abbcef924e987998ae8fd6983ad5acbc29445bdbf57b95e1196cd5e454684e71ee5379b19ce984953ee1df3fae20028fdabd58e502100d2d63e740bea621a0d0d2e5384745270209c1889c0ee4b929d49d5a7aec6bd9dc9bcfeb46390099dfd10bd10c42f9bf9a862617c164dd21462a570d64092fa29e5bfd924a65115a8e27b6276fb1a1138b5b02166b40f38d1d7dd8f177ca74b79cadf4d47c4ed2d56e97c6ce2f34cc2f15c69519cff75fa9af8930c78107cb0ef2a5e3772abded6e64cff7823f10494295ee43871d59930807bf69212351159cc94f12c9af4c79298740c6f9a0d4f3e609344526baf2473a33a97bed335e37861203ba86e65850c5019d108473607085957d572f1d66bfcb8d7cc4195da7fc88a5e77137cb932480bc3ec9914d5204e057cd32d152639db4775cee039bb805736dcea3e82c69d04764d5680acbe833800423528639d921e6a9a1dc500575a4245a08a4d9c6a6ac476e5107d0b056f023adbe51f203fc37c11d67326122c5781593ed477bdf64177afe330c790111b9ca0da359930ac07fa7af6824384eb9455c5c08daabd8827132ae144e1291d4e4d493fc915e723d3326675b48bcbc8e206102d4f2023b477cfcad93b2873554cb276430765a030a4faf5f8e57215dc903f096e23d5f8879fdf508064f38be5b79fc5f1f3d02cbf61cf1a261d7431ffe5bc8b7414405778b7868d3b25a6021d53c7a95f48e97feca3ec866f98356850968a829bc55eaa76d67b4a301304eba50695a2bb90b0e0a2015f345e47f1d5145142c66820c5b93f236d19f6583a0bbd18eba34524624812906ece99c70626010584fd47cf76b3c0d74ec634f80f20f75f9605a46f042cec933798e05adc0c034d2769315ae0d40c0217145c95a96b40e454be2a254f5218cf0baf34cf561bacf0c14c8d8f82dfe5899fac05219cbb49214d62d000c87c1ab2684ce62a03720369903d0786c835ceb422771ed46a4dbd9283289632d201a781f6f9d01954caf058b5c3c464a43548c8cc7893474e269f854bddcdced651963c7765665ab706d4260cb119773bccfca876562672dc312307edd06d9ec677f0802f4be90ebfc9b2332e1ffef61c82ddbdb43dcd0d82981af17a1273a583787847dd1795740439b448b3f79a2990858fabc048740e70fad9cfc4108210e50cd1f38824b2330c62bd73ab0043778b9438d2e125dbe0ccecb519d61410c1741b3950def4b152c3c42cb2b5144bb9d56845f123ee969d142e49ec83777ec8fb072fee1e25f0228ee4480d7eb3389793a2a42296ff823725af66ec240e5124eec8fc7fc44c2560bbd9ff41a64f21f2255a79b00746ca411968455c3e8713003efc3ed3f4650cd95f4b1e362236a5cc971f8d0c2197fe9aaa6c267cc09c6f22fb1ab5c1e38b7bcc8b5a7e7ae2687562dcf3440e8da47213093a3c0b74fe6e2590f62f2b03a620ece312498be0f0670f353fda96efe484af864db29add3e1edca404cd8b94ef212ee4ef9688dd87684163125174f3ee353bc616a1ecbd6758c70a2123fd4dcfb450d5e10768b1eb36bfbbd6b36fb0491f39ce4c553b3cc64c069c65e086612643e7cb9a2d16ba8b15e0dc5377831e7bc112946dddb04c5b0c45fafaa2256d5df6a845636321876b3acc9ad68ca45510c4780fa76dbbf632cc249a50d17f0cf0e9234fdc57985c6a7aa8c11f7879e66c91712b2abb9f6362965b5ea1f863672adbe8e5915150fc7c5042def37d1b64f610f40cb9fd11b5096b7830bf36b5fb00f0d5c4cc81a471a2eafdac59d2f3a32eb7b6d5187fb18bd1dc503dff640e758156c4753ffbb5e46742673bdd4c37e0ea661b1d8a5e1a6d30698d3915058ec791c9401efb32408a9696b4a87b8a89d26e7b032a7e8ce9521dc44edbbedeb642be33ac0f1df48293817d0f7a98538b8a52ae0bbb5da2f46c119b1e021701ebbaa76962f91be4559296cb7f6519a733104e8d5ab2ffc47f9e59ef574212925dbc5941ee62d0f295d312ae516f25aba6ac29a138471b711a151da594d32baf64a68a1d1ec20243b6a49c9de2cb0a2943ae59708b52915eb63c1f8664359dfd8495c141b9ee908fe03f807aa276f74058451e9bb7ed8adad9618042297998aeeb0dcf8ad4550e7aac9c7806d32c9c49748b74881bbd680b8b2d927c324c98595004d5911f7d7e371067bb3555fcfe6468ec83a66ba3e2e60f89d439765309e79be4a4c1ce31f1370f4ffede09b0c810d0aa210ff8f98af7ce19138164e1d52005581a76787b9002be5dc5adee6e2ab8269ae73d9345d892447e7a17c8ae47508acb895f6463ac89a9300c4fb05946c8c5bb26286e3fd8effbb09f29ab5813f04677c0d3e014573f97346614753e3a431facd2ebd1514afac28ecff32f8a1813b06c7c1b3fc38bad43b5903185ad2537324d55e557794eb19ba961a592001bc5442bc0fc7c2fbe63893723eae43204e5a5551692cdfa9719bd2cb6a80b5633a3269198d1e95f861c2a4dc6f8634df138782c611a1e45f2c7186d21a233896d85c2e5d864e3267ae5b4d221d39155c3cccc02175289a8c156f5bd1f0e7fc32d75f93d9835ff1874a695796a73a02a1b73548ce05305dd49832053900d8dbf0323f964f412e694118374904adf0d21f16dbbafff0eb18cadfa4dd8198e3612b490b86e6b09d2520179ddd6ded5ea81808b4ba7df3c91db0f0d3a0756eb4e29ee1375e3211d41f8a22e5e7e7697d2d8cd804ba6d1139c1a2d65a337ade9cc687538f1988a33e04b45181a96f08274f4b7ac1f1dc2a8db47387b8f79b3f232cae11608f916fcd8e1297ffbe902905f8e34a65ba8bd2bacee0f7561b6b6b6c2a2620db26b0cc6754e5551a7b3220ae73c0a2c6b8f7b642880c108ea36a323dd7b529d1242e31111426f843963d4f8696c5d02dc82f7461f785dab824af161a52c0729556b3c22f7daa842e1fde5ada1b65bf8a797e7872127d14a8770216c66ab285da5076946ff6ca5a62867ecc2f4c360ed3aa749a2b09992583e1485ccd22257156915397e5a714a0409982178209a6651dce401e9e976cdf33ef95f59f28fdf96f3b9ef8e4d6afc73c654fd407e74a25d28b97f9d2812a539a993c1579697c36e57db4d2b828f01c9c243c36ac2aa500c9eca2981f2619684cebe5f19c0e6dd9b2eba94232bf9829a053e098301d9ef36cfe4fc7299a4ab2b1a5d4dedaa23816c1d3b28857690dfcedcddaa34bf1bd7c8d23dedb8091ab932d6c461cc9b832655985374367c9e7ba1fc86484ba6a9651e7aaa288ef0781f4bac314eaae3432c35d66c9389e90b58be752dbb8c85548f9142488912ac36e489cb6fa38966a12df0c46845fc0bda6b10d5814ad9b9de07708505ccc950299e2593974e815adb8bc88b3733fe11f3e3c8ca770af18c105f21dafe251ada6de3db39172ca9b8ac915031697f5d7bb31373c9b069b364462408a5f51890637c1237a5f1716842177e78f9adcfdae216dc4cc52a91c62533ccf77dd0ca9a32d8ee5d799ba0245ea938f2a6602f96d910ed5df120d26cb7ef468144c1692fe020198fc1c6542cef046b8e042aef44519a70a1fa2f4c9c3769eef212d084fc08304303da00bf8ba10c91671dfc98171480fb070dba2965312361f724e65b32ba1218467e52797aa577e524c69838e90c60ff72327982f21af4da47496e99ec0c6ea43252880fd3a91eaa673ecf100fc9d3ca54c06417645678e3f46860045488e35e94e23c5acee9ebab30388c952fcde185d9b00d5fa15df5b8906787d2868e2bc2a39970f431786d348fd994c69d8bed00ea4c4b0a097aeecb0bbc26a47d968daa5b3dcadd5dd47e5ababb9925a961abb0c1cfbe3452387f363b4c6450867cffb9f6437f92d199dd653e0aec7bd155bc62f1ba7e1895afd5908307b7dfbe8804977231d954ede5cbf1d48f72ebb0712bbf51164951d2db2c69c273b01e53110c8f48de8f9280650c05fca66a6e0fc4feb27c951f0e88fd77138928137a3ff345045c9e7f1e26cfde5fc8208e99af034bf1da356d49908736474c9eb1c8921dd4a3801249bba30476ca959a1eb73fa1c18192bbb0d6977faec93f158819a953702eead74cf5828c50fbb5030a6a1af39608b5d3778138d1c15d71b1d4402fbe7bcf2969e5e5fe7c977d3323241fdeca4caef0780a854ca71cf1b8d190469524c1cbd60a710b0360ab54d9a334c2ed94aa8d2ac4c17105e353e4d771323daa240afef35087c5494661260c37451553d5de9b4d8eaf3e682a4c699129c90e6b62ead631862263d3e9dbef0dddec8cab8a12ab8ef2b2878fb0cff1c8486a94745c948a737a16d52cd95c7cf8d7f5109d045e65bb5cf0d0ebb88a79b3f7dc8d1deb6137a566dc7e9f9b66abbdcb9d82cd6b80da3fe993b1ae85e8aaf0ed497fae4b632c4374214ae4d9c9e1a6bd38af6268c12cd8d7afc3b84685ba1c98201d133b78976349c484dba3e853f7f13e5279067621629bdb48806062825e4c840007fbe8e6320a10a76a7e28bbe15bb8c44ca93527d94b9c5ac0cacb53b19ae23586ab636e1182311648633751c72a8d14554cd0716af28210d8fbb818a4ff42c9aa5388c1f2f7b283025f60d87b5bdcb0a91a5a5231c39161ae6f8862c9fd2211e9104b9c3a0ad0e6c42d964060e5e72a122a24ef5a679893e3363a7e467bf495c9cbd2be40ac95d493a5de9b4adb068569755c2a46fd7fde95c3773640221c9d9b62f8e93c616e731b96e89f8f907b243a5e6fd534764460a7ac0cf796ad06b9ce0759d53face6c88ce62f486dac87ee2aaa25e5ba052b1bf251d64caf5daf793129d11b0022b6e02683b606fae483191abddeb634f2de72c3da91b40f3450b3af3f7f32c2af25ea76da75ede8aae6596f8d6982d43a708a2dabaacd38bda8aa448e90bba086ac9ddd1f46f39717912eb790530cead4206d36b14c6a56b32a950a96459a06d7e021c4102377cfa271f264f716b358639ef500fef90fa1e615f43ffd007b3325ee01855b68ad46e261f14deba5d94b67dc12fa47197a182a2d8a730cb6aaa714512306e135eae029ad6d3a8ecede061cc141f36b6efb90bd9a89e185a2872b7dbff0060b33795e60dd92103c7c7f7df3fe6048e9567027ba08e06918ef3c5f9982b063cb6aad260b39f40316bab657a87154948afee9d477f940ccdafb7b0329571e512b33de54843ddb59e39b664e6bd8832266382f629efc2150afc680491d81967e8728ce6d9a2259f992fb8f478e52d6d1430854fc854ef93b4fda259c53f8eaa82ece3cd706634c2d478e38983236712d789f8a839a7b371d3f677a642f9648f47a5a2bc98599312a245aa3146fed567c453279dc82f865a1d263bd6e44569bbd12d175d29ed034b83bb274a2f19055973895581c00979e9c1f87f2767a4c27095dbae57bc46b8f93c9cc9cfb31e8f8c369371b2f7f1cbe7a7cc10c2db53a0b7e704697be2c29806d0649d2960d75936f4ad958877c9f003e68ba1b0278134b8026ba1e2b0d5a306c7571632ec5e8626c074fcfff199884b805556fe04822c1f8ae5758a2029b00b8925065deee93b62884629bec4cb6dc5becf1a9baa29bbff742efe64418933d950576a65cf0d3d2ceb83a672395748dd2a6b7564f8169cea3467a13ddb0aa840fa7b766f20abfeeb0ca2de2fcb0a57b754ee181c2846a061d17c6e51a82a918fdda9ac3d7cd9cc83f0bdb7701296872cca25c7e71866bbafeb92e76ac30c1208337947aef0b19289a1e5c9aec38d43225e0281ab16c50909b76f9dd3830aa311bb997df70b3d85f5ce99bce840aa90504681068d3930b56f56111d3ff0d2277d78e51f09bd362d544a1e37ab9df0a39cf55ca4eec6bd12a73de180a6e24ac2a4c234f577b4e8f6759abdc8deab540b822e5051ccb4b1f6e7690db740d603672e41410d78c722d38db4689e33b0c2a92efb0cd900680c7af6da31cc2d760d624d091446602723c63095dadb82bd59cb4785ab3308819c174d48c8073387645433445aa943a2b06e7ede14b9b802877b44f6d95529a11ffd1af2953dc102273c88dc0270c03eb13a2ef0e5a89b5c56ee24578fb9eaa99e6f80b2de521b5125696ab7e03474d01798a9f96089b07e380316ab25c3af891376023df15bd0f0d5a51144138033086854c1583ca2877eb60d499b3c30585f03b84c8f7ee9f94f7b18e540797735c27c57a89a9f7b09646a00b33eb7a0d265337580b91a01e55a98716850389d89c52f1f664f422bc0c98bb49299a39dc12b0d2cd8ae77b5de4a7b66c4500d4d16fb5ec121289c5eb7ad2a02296f4326f8e17572773c66a3eeb5126ae5185b0d873ebf80873687a9b7ca673560c03dd237d56f811970552cfe83b3fc475396700ae511a9ac855620cd34c7fbc18a1c2c46a3f13ce969c01698ba38d3a26fc4f92eeb4360c1c81c96eebb33e3796037fb8e63a7f1d88c84f471069ae1f81c8084c6f73c3639a8244be146a038507142a3d4c50a75f65273719b9c12ceb56edd9f8d448558f189c98162bc80499948ec34e325504408dba21bd4a67ac3c21d4f21657765fea8afec2d0b19b91d512f0799d766d020eb81fc9f66e656e18d3954772b8b4c6e987711a7235df081e28245c1ff3c7bca6960c6c1fd8c866933da973fbf6850832c383d939101851f528e82ddc82add2e9b915facf1bf93d2c54ff38458bed6ceef1674e012186972c7f2622ff807178a60cf8e1ad5450f98d1f2d791c6395727382511fad988108f38b7ea1a77f83f9ce5d96cbf5a64ae2e1daba941fa64b9670e105018c560060cd90931505abbb3882f9740a0eeaa57c309985a5188ddb53e75ad255de0d02a454bd807f2cfe0a5e74936ec9aa989a83fc4f57ae32a7faa2a5da9aa4154020970b8712df6dc3185a4fd40bc122b42bc726e37886704a946fa207c6193109334124e9e230eb85793ce628f4dd61fbdcea2659592c44c2f92070eef8ac871c46ebec4bec149da2b1ac45e92773cb7efa50a0bc543f49e79e9421301955468afcbefb5c89463269c149cd210ba8bd35657e589e8228b53a55ee8d10577319fb7211faecc087def22ad32e737d1340b6232eac88ace2a37bb24d6c5a6007c66982398d62c6a0f78b06f2d5f7a697e00d7ec5faf39afcec4bb744ed5b797763cd71e2efa141a6b456f6c6411bfbd1d2bbe1b1e9645802997e160b22d4e9526fcf3916127fd0b7bdd3fdcde89076ea011fc424a5fcfdda73ac08a07370c9a98073e09ba3f3de33f3408e8bfd264e826e3acf4a349dd76ab8371d75424811adcbe54e979be727772f49250a78e9b76f4dbb6f449ff64056bc0695887bfd141219c550db51decea4fc016bb90173c1d8cc5c18603e019249ea4d531aca2c6bd5b9223814fe5f5ae2cdfa15b8ae5fa9a6f06f483d46af39f1a014c97b67969870ea68dc47b1972504e49c93d15569ed4ca4bff00e52f4dbb42b31bd4ae2c24bbd8e10327623a9e947a2fda3e8c622c19c7c62097bc17013fad2010f514d606183321b3e3ab0e5a82beb419b3f978bf6e8115c213c4db67a10643255a3e502aee66553d4f55d7c34c0df6993571e7818cd0cc80553e635e4a317c3e2cda7d68547e8ae15f05a2f04999e0e60ea05bcb0e8e892c4083b203ded365065505045f30ec58fac9ec65501db3d31d2acf3183d5bb443cf2e37c6bdbe82d0cd67fe5ccdf7cac66c1483fce61e0f307c350f0dd4d6af9b68107513e14a0210ec89e7da3bfe35ae6c66a974613b39e5415f380bc9bf838876f0ffb839393ff589e85151f382439640f0125f74aaf4569089c553b62b6b9bd83acea1a1a4faa2a5f4bb61f3d16d2dbc6dd8203913c43e8cb5b73c30751a28540c00a96ff36bdd9ec0a434cc1a1a5b9d43c94c46baa96a02de18e7421c6916d3dc81df24868eae9088a912f1deb9ee913c380fcb23f7ad0f8bd6c0fbc968b4caa5e16b7b9c802fc89be0b161430144debfcf6d477a39d79222d4448e2a7e38c2a426713db30c2bfc7f792ec6310eb4622d660c67ee7c37b5b0a000ce38b251e720d5aea3cefc73950bf8cab32ba392c2b79207f0e09d77db927139d093e6075108d0f3cea38017d498fecd4598770959bc81441fb7e905a98583029de116324eb8a4ac23ce58c8d703d3c20b971a446ffc4691a528fc2750825e94f52e37c5f48bd15ec21661281f87d245bea6f3abe921a1d4b6abf61fff2aa84aa39343d67cf50b620130857f0c6c692b1f953e61af40e0ef7f5111f75df405521844c7b388a9e3e98ee4e51111a9d9bc1f84111baef3e700bf6d547f0b5cbbeb73e272a6a8f09f675c62a31101c24bbdfdf3210123b1047bbab4bccbebef80564d8a40242080dc77d7f1eb31c6c0ac1e3f9d3ee7bd03c1657a3c585f69e26a74c9f119f86fe71e39278e7e74462e527e725b3e7c07a9b8b0285902c2c1cd0a87513e3d199b72036a4639cc29ef0f9a0ffeca7e13ad1b0b6517f17dc0da88ede7fd060a1ceca9549258d667483fc8da610fd1e50072239fb5bea6172d4e961c7fb5ffa5899cc15040bd8d13fbc4db0ea53e9e7c7396b2da9e03972dd3f44739bc8e52b0d0a74ab1ead16c7d940f51f1cab85aecf9b2020f1af31edcf3e4b24e4dd0249ab3534f2645bb3a119aabe3d1e1c8600002cb3dec6e9d6258ba425cf60efd5680e623185db65d2da3aac27af3882d22c8e2a39dda2cea30eb5d94baab0ac84ed88e4b4975bb26617476cd9a67241bf80375d06ee8c634f33deba19cb3ac93c24bd0878542b71b5d5582fb0db76488a10d5f64ca20b191d097b22fb1006730f7305a9400f2648fbd3af0e91df350493cc0052878b89fd3fa7dae89324342be49af99cb4e954e09d8bab19a11930ebe60defbe004cb345696bf866085009f2fabd4a9b5a24b36382192fa5ae0f37088857bb8618e1bfc308081a20ed7b6850522c9aa7e34dcebdc50665b0357d2ec5a222daadec02bd93327602c58606f08c041ef21b88f0ab7acca5485ed3185bc5e5f3298401fa13f8c8f96d67068638b4d85e1e6b95608cc16d65080ef39b0acc826040106dbeb69e7e96feecb558ebaad59ee41efff85f169afbafea9b86467f80df2d9b7887aff58a49d7f63cc5b85a43a3341eb299f7349fd139edc9a14cc7d7bfef30a6ec77f5728e5a4aa61e2825cad5f185776724743fec746a4b46f4f294e4cffcac7282ddb08a8dbb1e4d3da51ab579746e9f78934172b9dfbb31e5ca824a732642c7d1490a330814693396a16ffe919fba454fb1c07fed4201b3ee7d062975cc832c971eddecb727b04cc886fd45f92c26dbcb3e6e79368c7881282193b26ba2311279fa64872383b984bf21d20a1de89264ec9f22cbb384aa66ec873ffecaf7b33cbe0fe715aff24c17e7de0543807f650175a89d6a6cb8cbf9eda100a47fa5ec82a9414443c156761efd5fa740f00b7e247749c20b0e4a5442b240ac207eb540b9ca77bd52bff5ad334c661426210fd65f902896abf35789bb1da04cc26d83d7395a22ca416d584607413069dfa622c96d44098550ce087168b69e62e732c4c45e6723003250e53e426dc4513e59630316ac210c6ab666bb94fc414e2922c244df65a1f60e042441314545c88bcdc8313d1333c4cb9707da5d165e17e2dff789882b90c6e82822c874b3fa72d5575a0d68ae2697c230175e11c09b7b359e698278793302ad20de8b8dce96c04651d7726a7e5c0fb052e57907574183969cb1dd1a94d53b20f63b1f51e312cf793cbf62c01bdfe0e179cf2e77cb20efed015a1a69a75264a18efbc41cf0a8862fe2d3afb6eb10560a7971d4d2e16f0615bca93ceede26fadc35a4a14fbb30edf194f8a1488c0eb26e53bc38a59b2444b09b6e0709beaa5f5fac88d13c614e5afe5a40aab2cb4344fb58c9bf47d471e7d2737f220c9ab3570de0932b442da8a5628eba2c084d0c44a49a99a93342ec88feebe18e1f53ab7eb274f367ef1e3e796a777203cbd2c585598c1ee459ada1ef4950e73ae2f74b496eba3f257ea73533f51bf3ef04251a24eaf8201d5530e7cca268fba4e55f03cdbb34cee0fcf576907b303d09bc30cdafe6df98a55606a71c07b848b1d90b523fbaeb4b40a99fb231373a7dc2c4fd7143c6b64683f6fd4e7f83ebdf103a46ce9cba2cdfa91d1aa4ee2d31e94e88884617207ceb9a76ec77d30adea20264d2a1d08434baa81eeeafb4ede4de3faae65efe3e139a696c7eed093117672ec943d3815db0ab40ef0f66fca06778a9c8eabf3e2122f4ece0ea72c692ed8f2e6b20bb52eb9175e72719a89a93554580716623805b93f572a6f276103ad02fe32856524d79477213bb8babd48dfaed28dd7a95d6cfbd1b9e1e4c846a1c0747ff5a235e0da7da9b14aa69606468b357b055b2037edd8c80a41d43f41626a512b073a27f2863965c81c552f3e49442c0b35b5d5b3ea3082452e8540f37a7dc18d5a7fe33fee98ad8d3f367adca9319bea45d8ce9489ca7f548ce3b7125db0b6e56d9098382900ed27032ce5f2c302d9c61280411bb47d78e48f8429149054bc315b38be52c165fa5695434cb0d077ba4cd485b2a598603d53253ec6b47bfddc6557715d7a98d78fb9ed94daa135547edff272189f9de1c63e496488c01b238d999e1ab50a0685b08711686e7dd07fcea3c05085ab92cfe2dadeb6520db2c4fec8594bd489b7aa956b36f4bbb256c2b01859525963063cfdc400d0c3d08195bccd42d4869a63a295dbd1bc3e2ad6f32ea43e0809bd9a7589c2820eaa29f4830445a8190657b515cd222b5499745a3020971766db', 'yes', '2026-11-29 04:01:18.963488+13:45', '2026-11-29 04:01:28.963488+13:45', 1, 0, '2026-11-29 04:01:19.050117+13:45', '2.0.0 OK', 'yes');
INSERT INTO public.attempt VALUES (7, 'default', 'ses-2', 'u-1', 1, 'change', 2, 'google', 'google-1e06a11dc5d5', '1.82d6d5f79bf8a9d50203', '1.bee0bb0395e470dfcf40', '\x01026b31061bc26f93b4a4e70a1ce41e242973bdee049bfa5d4b427f404594f440ec87ba677b38c7c692c99faa1bbd6b1ac8e8e564dfbad5f87e19d605113fe03286a5309fcbf827a5d6010bcdeaa93627afa9ef7053fae93ef28919e14d1eedecec425d306aa3d4807a5ded34c49e1e102a0d103fe468991743c87e9a4fe0145a260bf63d9e6a36f5cea1be8ba7eef782d33591af12238207c8c30b9d5563d70b2b595fcf1211fde3cfea9c0bb4d896262935674c83dba685a24b75068444de5f57fd5a708229ebfefd35b5228ad217c492ea22067280ec17444c12859039a5a57188ec20fc53cf7880b5f45f58d8546f78369d994464c9f6fa3f7b13977a8a46726ceae1d8712591bb5b828da1304e788e8c576f33ca91b10622b887b86ea0380b7b594afb92293ebd0a2eaebba6abfe1c31cd2e8689a0dfc83dda4ad852c42be639c469f4c30d117cef5fdf98d661844a8c02664dd53e5b87279de2730d7168b01e579e09da991ed96fbc71f240f61b69f452e4a7ff3987cdfaf6400801c25ebf94022d42957440b9f81e617edfe13b256d564cc74b069a80d8a421937b87c3126d89001d196371ff6f3c3e238c8b18e729f32c3c9b16696b0f4ca1121ac882a5dc2ab5740b154a949c952bc3a42fc4e6a56d04837cf8b2fd12eaaa614af4e7416c94a5aaa2b687450b3bcddd5ab08e3c14e40af1485daf8b33ccb406f8fda70cfc30e4f107a545d233bc9d3efd9cace934d8b168b6168522a5311b439f45f4424e73cc6b572d1b697465a48f468c030f5e6edd4add489f6725faff055276e56748dac7833c3fa641f314011f53cff084a0ad5c158b133862a86ea805ea2f44e8840f9530aaf29a31502410a3385a0cf20874df898fd7c10addf180640151bed94ee48765be94292e3d1a4d2aba6ad7764413c4a5598b334f0be2ab56d619e4e0a16a8f94c72c1d3b3152b5ab502f7b3207c069e542df0fd791d8423fb91a9431fab9cb2993f389e6aeb262be1d4db38f1ea891170cb7887e52e4c849ca414c58c8bf4691d2935f337b5dcabfe271c1c366bde559b0ade248c219a909dfefb0bdadefdfda3c9f696b6d5e1740237fa31530f46a5c4246f7825baee71cd327c895b7eb60273f7ab070363768b4b397a8954ce974fa0ce9c7078a4f4a125531eda583d3a8343a8c61fff13f7fe4108431510434249154e493556d6c49f080c86c1e7c0ed437f01a786e367b75874ec8cbf92a38d43cf42164aff6611129a0b52931b0bacc751f48ff500a4313b3e8984380224db12d084644443aecba301a0b4c36b4a593592f16debce60647d49188fc6e2ae41aff3536883ed39dcdcba75f01e68f25d4474909cf2d745152717043b54d6597e0d4fa2920e0c8adb0cb06c4599f25a5c349a6ed9b0a7602accee5d9c30765cd2db8a15d087f466b5ac1f42b119ffa32c8f513b86f1798d39434e474d2838fcd25a92e239d94da70da572cc97c7e3cd8d39ba7a4413f1b99d1b4d63ff62fe29f8f3e18009afe9be01c2e57d470efef84378694aa914cbe5c61d26d293ae383fca00122fd386c1be1a2e97400cdae2ed57b5151284abaeff11b7553931a397bd2f537615a4477888523e08ff3e4df59b0cccd72a92e22719a857459cf466cb51b3164fa29fff3e5dee4f6c3b8a452e604969654130f1ec29eeb8d53a2f42b84ad986004f1c79ad1b41baed2935406e1768ff50d0828c814af3fc8787830152e324f7573afd81f3810ca6d20cb88a2c5a05119780c601c2d4124e1ae7070fae6804b28616dbbab344535c7f41459099f83833cd2dca45d48e005c9d989bb539d864c032eb1e76606240ccd25d03233cdba1b737c11b932556c371a4516c1d3937dae2653e8fbe5a7a50a2a058d20338adb123c42e0956ca09761b5c6774e955ad006ebda86363d33f1f85ed5b06630a51340ccd1b309325ed525158d6a17554a6bb11204322bf1f3d9142ddda9a93a19a042f644889a98b6cf0703d6ca51a04a0b8e77bd29bdd86245315c8b76d36cf185b7756ec41c4df1c10193b11ec00c08f243b687196f2e13b989418a24b38d6cdf71aa22bbba31fd33f38d8685850913ecfd43e0139cf5d3cc11612e6c4b09ccfc26462846a7d275a5f8e668b7d4b433bf5b6b6ac483f435067afde34382a7ddec99db0f0e8b3ca3203c2399d9953012d8ed9eae6374df7c22051652d2cd5b9e87f56062fc6b1968db19a553147edfe18124955db5f31944da39e02c949309568a2cfef498bac804703bd4265ce1e8e23471320cc5477a058553a7a2bb20859542a2b18523e4d2d4f9e8533c85ad3e209ae79bc36b1fb92f3be965d84a74beeb70c0884067a76ec95baa36a521d94284c31e703f5207643612aca4df5a2ddcac40fc0d42bff7d81d4b43583f5a32e33739c4d8327262e7476d7184175a274c44054d02dbf5f8a009500153349f79ef4d1d5a2e1cbb525b3bc0430688e8e7acbf70cd3eccb7e7d5ee0ff7124e36102debc0a2cbf51d4343ac1966f95baccc642ada8fa9be3c2e6ce9e3375e95f4e3834d9d7985ce55660d0afff3610b51d86856c3bf00af320dd35fdcbf791417a072a16d0157a6f1059fe5af0acaecbbe53c4bf3ab974f4c87f6bc4744d86da826a0764b04c8ca7353d7e580bc03065facf11e4c7c9ed9623c2668a15b443254a31d43b0ccff631f47a4d656f5b59f1149f79fd65fd263c009137b35bb3bc6247b7b20bd84bea15ebe302fde7902cc0fe23902b362e4dbcd25c1fc9c347231ec091ee62cfac098ce37901709dce3ce233b25060e522a46c02816b6da2e40c84220c4e2a2e7970e7c06123aac05a87d2053e5777ddc2857f118d7c77e9403936dca52cb8c7822a508341bec6e7146eb64cad6f014551fca4def5020280c41a48dd23f187569a03919dc7c0dedd8e5412bb8d1806386910a61622d4caba97477fc2b66b9713c3a2b94901beb21057a91619a1588b3fd4e7002bf221812a5c832defecbbd0dabc55d1dba667afa4444850b29e349577a7ba939bf979b73812230f2b2e1280b4770afad58864018a18aa2b9a91b06114890e3f7e0676df052e5337528f769638b021d8a740ed098a72b52084fda5b3bde57e85eca4ce2d71c75563658683aa543b2b5e5714434b9e23eca', 'yes', '2026-11-29 04:01:30.185614+13:45', '2026-11-29 04:01:40.185614+13:45', 1, 0, '2026-11-29 04:01:30.462447+13:45', NULL, 'yes');
INSERT INTO public.attempt VALUES (8, 'default', 'ses-2', 'u-3', 1, 'change', 2, 'mail', NULL, '1.564389fdc3b08051ed24', '1.9a54af4a4f58bf57e457', '\x01026b318c096d52d09b044c5c9227f23cb53b5b85f784e251bb21444d846613a34e1ad6afa5c67428c5af58a5e6a6fb9e82c8e6bf7c33957ec2be3fac37f6698dd49d4217d1ac39ee941800757049f4063de2d6db9d04e05fd61a31ce2c3798491a2ddc7e586b35cc2202f923c8a69a624075cfaa07523f29216aecf522a80ed7b8b1107cd7b00943454c3f374ca97241b92343838e67a3c1875f0bf9d1365084d5fa968f734f452dac60b8252ab270f49cd83825d380da6673a2501868670c4306e2dedd4727a3d25d00f911f3db6133ad4107c36eb500192978420832a38c8e573fbbacca9dbdc633c4b6bb8ace859899df1a7f26e9e20b6999cf7c556198f9769044249ba6162dbdbfefe3287ef9ea9f999a692bfccd3e1f7e30784262a08e00bf79534cb254c457069a81d8408203970b3d5f41dfb2d69295c57623217e38a3e3a509dd99b42b5491fb0952db3f95c50caab02b42271512ec6a6581484227da40e093213fabe6e851405d9d226cd24f03f5c91bb0620a25ed1974d0d2232f652025ca4e7baddd2ea443ce926c02258fecda0af1d4a0e7a97d9df53a1626ff99af14c6b97a3e7472c0d4a7fa8c87497bbb0cfce4d113a32cdb50942f63c19344759432ecf49db12ca3ec4ce68830d704ab0387e2107b90299db19234db8730f871765cc0ae5104a3c59f8f0a9210b1c3504c4f90c18dc67f3d491976929337517dacc58dd62bf339434c8e1241df357f02a28b12f2d242da832271fed7f0f666037671b9b2a7decfc71a65330fd40c9fec9b57fa71c40d702b3b4b5a7efed92c8ca1ec5114f18654f149c05d814b632b02bda81721ba660d682432e082358bfef4b8c2b5c2fff4713ba4fc4941d35aab952406fa6a345366897957fe901254927ee450542b575db18d9daee0a9b3e64180c6685806fe258ff8bd8020929151a4c89ae5304f24312503c9d2edc6855cd728f464bdf6da3ef9ffc2d0c01b543977b7fea27fe319ae0fd977caa7f1918ad593b47cb60e44dcd175e24c754a031febb599ee7245b1b640874ec66c777709bd6ceb7ac1c255732b14ad071b79871dd56371f78a46f99f9cc2b74962ad6877668d22664118b22b9504e8591b18ff5b74ab44624e5bea9b0192068698ce05e7a205da8d967c63618ac24910fb1f1f1acb6eb4b1741c38a00896a94170279dcd1877a98446ec8361aae7cad3b8ae8366d3820893db788152158a7ebb2d9abf9678fbef5576dc99b6757ed13b8fd7401d06e172392e3a210236702578b792bc758f96c90c3e82cc681f05a9ffa83ffeac002f5d08208f99a2e5a0e4346893b36b79f47cfef6a3957997d122ee4b45d716c87f012a1a3e3c5a6648aaa0d2e7bcc9539c4f4bd7f79008a97fc572675954ab6385d87a3135af8e9f0c0281c17761ba6aae69919481477e451ec0b164c217e86d7308945f363948e34a4c9596eed3dd8fafba880f050600ea86ca13e5efde447b266dc6c3e1de9dfa3c4a3659fdb2701a89635193832bd61830f09424941a29adbda8db24dbeff1a49ca1fccaf717810fe7c87bc7ea77511670354fe404d5c01cf8d1372081cb270ffa6b21d12231ad36714108571b38f4d90850a942fc63cc96f6f9326053e0c70673b071c04cf9e3dcfa9fc82340c690e3ca118d7e5f63287bf1f7cd4dcd6c8f7a34928032c85cea132a28fb052085218de7ccb4981602f6ab4495b606d7233349778bfe754381f0b83437c2c323471b3c67eb8234ef35cd3df6a2bf05043f614bccb375ecb92e895d843553195c8f3b741080631bb0f46389df73e146844a2d748c0b4c2cf1f068d79ad7421a3f365269fa546d4081c653c4d2f86e0810987919a09ee7f14ee2a750d33c5943c63993edca54810a26dfb8740e11a9c63f25f808d359565443ac59b3d2dea2ddb0e4897ae556df154e091dfc58628422f798558efd0776ad1762eae37dd7c7b9d71e9d8549f2b8723da714dfd41730ce14a8f77edde55739676d5ae5a68fa3ea6a67bee5ad41faad55c1fba570c64e45e80b63cfbf3795258ab4e7e1bba5f13c13e6dce3ee3c8d4afb561ac78759f8c587737da4665f1afc87974e20202954e6171399c49eb15af49cc58f753ab4326bb1347af76c2b78a57369f4e44ef53d2e3c890d62c07a67ddda74ded990b71a6b52a7b1bfa4aeb8d5518eac79a4f4da55ca0df9b083fc33aaaa5e3d2ce55b6f6321f266affef8f1c53e6f846757d13c515a43b76cb816c34afb473de08720e6b2a9c9c5de66d7c99cdaee96f5dfa5b6f6bda794c7e1cd3538275f36514826f02eb8df6690db0ab18d3a6cec2fb0d0f774596234867d1c405a7c8f96525d5057ef1ef6ceea839c55dff92da9d386450e253a58692676b604d725d018ac7474a489d77b3a89717f541aeabe7acce7ae23068b5127931ef76a048a6d086c883f1caf7326fa743db2006048ab79f9a3212295dc1f2d9590d4c2f6b931e9a95204b6c617a655eab735e19b48e8c30b6f9d6575aaa839c2b5c84bfb6313e4b0332e7397c0bf6a275da76a3087ff32c0fd1faf4a1bd57e1c580b5905abb6db021d7ccf082e05667021e5c9820b061482caccf845c77a0b68ff4bbf4a0aed581ad471cdb3cdc0be65fc7b5419dfc7e3812e51bcd1abc52d8f42349f9158c0a1659714e9bd834f278ba5872e3180f77b5085f7d5106a689d1c2d1870a986bf6e03c516cc76bff764965419ebf584b37e9b233fceb1060cf8db25cf1d284946224d350042022f75974ddeae5c162947b14785246ea8e84c99aaaee9dfedccb8e1df15ed69536c9593195b134ed31209afbfa30a509c4685ce8e0ae3144ae92247fa37bd7420031715da0337d6007ef29c398867c1def1c04e68a99495d383315a160d4df2e67cceab92819f84c79e3e3642fc0b68b42436a7fb25ff767f75e2f40760992cfac1e69a51b29721c54c43ec03683b4706147c43b03c2b76a67a37c585a691b317a167c3a4273c044c13cc7d0e3be7e0c54caa1b7fd9d6c2b89d0e3873c582683a583bba8000e8d1ba1bbfc611d3fe79865e3345e364de531643aa4c32b8c848a3ab233a6589322d4541f048805926c4c9259150eb2e096699ffbb8768aec7afd6d8ef6c1b633954722bf38276d02a39a115a3bebf21685b4303a1d1f40badbd4f328a96979701e3ffa8cc9de7857afb3100e873e31cc339a5cf5ed39b2d76102c85cc48921d71ad859180674b56fc05d6ddf8485eba6a720b56c92c05f4009e8cffeee874ce487daefdaf6eb969fe6bdfa7cb2abefb5d52bd832a15d44193f353384fc4cbca6b2b3cccd73e5f1d0e3b7aa1d5bde45a5021c158a4425f5e8851fd986204381173c9e760d860ac2a19b3ff255711b3b54ddd557f14954866a91ba772b42caac35ca3d06b7db7de06b78e9e6401a707939550c475831f96448c1c10e8c0c905f759b163aaaf066dbff12197ce58d2e6992e59cdd7b571750b2ebaefa561fb88a42e006fe4ea8b46cd056e33757de6c997940f31baefd88891c0955c9c8c2c8185cae610c4dc3c8a74eba101e0abcb318ae1998f590d743b1ac1fe6ccca7b53abaad44933e3edf08aaa970347cba41510fafbb283773fdf662478723b36b8d010c0d0f96d8bb5a9b5a3dee13f031bf2f5888c6537f059461f4b8fb28c6f83e5ae09eef6322501e008e9213e3068d9fff95ad2e190739aa2051037b3b009d83ec2daf0a37259a857937de0b571bb037aac696ff9a2a272d00e7d0d8a13203b3fc13c3bad94981caee5cd7fd009d533c8ac4f2fd7a7146faa9665ab90cdbdc79a7e1fe76ebfa70fc1bee44be6a1a8165d1a14111604e26e90c1e67b4319dafbd817126d8efddd465570b14b9abcc78d09b5b46fe6ca2e0eba4c2ed41d4f621c62d5ed1d21b333c314fcd8804064357f996332bd3c9bb03bda3070dd5593e3d0a978b158a6c8c2318f196fcfabbbad1e4be25da7250e5c25962c9419c6854912a35d68ebb93041fbc902441e320a0e3ccf5dcb3546569b3b55b09f7d3476e12f95f4c76226376892fe9d5400cea0be77d1f4c7883f373b404bf02677f3780f1438e0704f5b13d21860b6b53a897fc31512ff0dbf7dd2b4d4c274e0030b1379161a5ee60bf0d13b5ff6f87eb152b177d4761f82d50c3083c2438803c3cd54a99991fddcbdb751906d11773fc572146ec8119f185bc950f85609cb220c23e37811bdebe6d190ff394514350fbc49f02720d5ca85b8814218f632524087e420f500d7282d31b3265d604aec36ebf43e830ccebb8bed02ffe09e909a1bc70e11b84c42887620052c2eae61f17344afe8a88bf8bcd2a101a7e0c4d9c8ce6481d3e55e90d62ed3bd43aab5f662f828be83401edaa47b2ee56841e57e3a5b1700793ba14289265249cbf4cc55cf6ad9a05a1c8a8dbed71bfcf88267d60fc671e91fa68dcd268c3a8670805e1914e40df476b4cce2f90a307ad506120426792955d58f34b5053f6cc8aabd5d183b807c0c6296d5ef8d963bd43c5cf7aeb3077f7638a336caefd2d6c3d4a495bee5e38e965323f7872aa346e7ebee7a598e2eb2360f7cad4c8404e7a6aa3d92ac259143db9bdbfb05ea859cbb5cf17e055b347b2266a6da5bdc984bf1a6ee230f90b93be8ef957c31a4cc97f1b34cc42842fe4e946b9ac177d1607b0479e724623e7074320858571d8b84ee60bfa6642d33aaca91aac00709494db54084e6c4e27dfd04de464099a70d2e30e7b6d5cebf69ddc494fdf6dc4b922521ae58013547a8180641a7048153307245557d47380db2c715ebd443cb1a63684ac6df6048ba7520577a77ec19e920d87a2f571f54f53a4f9cd7cd784d1ca6d74c8dd8a26159365dd013b167da17a3ff6ac4aff30674abe66e250c1cae6ebf9a3b84578c1735fd5020512e6281d0821ea84959ed34397b52b18a47eedc71a49f4c34471774d2d31773139c12fa5aa04d599b452fc578c0c136da86688049b6fa2604cfe6e10d76f0bfbecbb8fd2715d3ff211999c416db76c8d6961fec862d091cf33d6c4d3d6d8f527907b3df781a75be72f607610d64aa1a43989eb452562e2e5ff67c4f37320a41bc58886a9f6daa60292b8aa8015b29329834e2ca2aab9e770bc8b75140020d0b621b51925197bc9246ceb46884574bcc21ab765d0633f09e02c25cf89816239d0b623a7a9979f74621d1018912c4c8ecd6cf28531b129d344a003e488a2d8300637d8b86ec664631f6bb262aa0838bf084650c0f4b912c500c59680157ba4a6827ec9301e71ce4a5d6d69541913c439f94afdfd8301c7983d6eb7d78fc6c7383e272f71e626e02a350e554f1dd616a8eea298f2c7b45f2ec7f2e756c6d91e2a3be92d4c0ab23f5422b3ad2ce693c7c5a7fa252088d761f6b0c7c9ba0790ead27822bc18886847aa40da57413b269a7d592412dc7b07e38268a4cfff7ffc1ae392f7771a4d375d9f09c85c0c8dd239116433e7dab38fd8c67325ba9f994fc604d1a8a27133212f4abfba71247c7ea5cb3c0dc954a841be9e7a5fd29d2b1cd40e70b69b6420daa108417f4eb66b6a6af03e26b78bb77995c0457557dc15fc1492dff3daf17865561b69d3ec6afbe61abc8b03e22f9daa3f637f522c7db3c92c2b7a379b004ae63100ea24d77a5cf0e3a067cbdc338f586dace0c3e88aeadaacc7623968e3cc0fb6f9dd40520001c7cb457f236e6f664fc6a52d545b38b2dd2249bb44d3d6c0209dac4f213cf136deb4a3cff98f1e33bea225b2fd27899267f30cae35b2e823b7d8127223ce1cf9482e2e083dc195b854b4f33f2cfce0f371cbd49f718dc34dad877ee46fa488b18360de15af130991688a3e8791543bf8c50848e46bb505316b4cb387620779c07d8315844a234d92f242f631f1a26a630c1aec89ddd67abf483bb1ea0cbfe2a41ded2d2c0b1f84d3c79a00e5e66a49a488b7334bb0601d29aebf5571e9e60f63d975c474b5c751cdc5c72e92061b0beab30249b5008d112ba1e9a65ae352c5b192846d16487efbe233ba8b8027017f85676c87da47ce27e57a0842985c20bad501b4b2150e5daa8d2ae443959008cb9b5537b9359908fca13d3c7ca5362496246dd0cf1dcca47616b1b685af162a4008bf3e47af19ed0b3e2346f3275c8dc0911423600d61a0b510b38e00adff1f9d5d98fa921bf03d3fbc044a08cc15c10bbf58591f524d766cf5a2906f6147c3a20f16f9a35912d0496b4cc251ce536e3a99140b28e03875b83ab7f70a56c553daf2c8b6de73bf1302758000a0e852f01a3dc89d275e3a1cf5042e44f54451a775a1f719c1223d2614f160e225147e500bd6619075849757d31bbc3dd9296b8f09fa4a78dd52b08f1147523f11c21ff1703e8aee387f7ed5eae41d4a7b3d08635151ae9ad043ab7fa0597a4014408150753b8bad2dd3ff7e7179cf928dd2d6bd9a2593ecfbda5f48f3a8299d88c8fc0290cd3ea8bb7ca56fe0bfc3ebc7f9b7a1debbdf72f9beffb2281c41601ff3c40a064a7f93a5e093629290372b65dc3b9fde61d28cbb5e71e1a7ef17fc2133ea406eb92ea903d5b1ff14db1c3ebb497a9ea42ff9fdcee2d55be2cfee73bd3cc386aaf4e2fd8045a62d170089b3b1cbe93b4eb78c03b0ede5de8533bf1f5d7b047ece0ad21d8c203fcb852e2672b78dc7afa11cc672c84adb92185b9871e37871af2194545466405bd32ca079094e20282de2d4aa2b7ed0a45300297bd1dc8de96f300f9adbe7872359257201461033a0243134f43facab18022a075f2b2b66955ee2b20bdc8eb071b3b4d32326c017c7a4679409fcbab873b04cb06e4469a1e6c5be08def8b058edaeef803d634fd6615f6ce949876e9fe5f0b1541e9b5bac2165c36681a5c824da0f76b151f830f47b357e287cb708247f743ae1d8e54a5243dacfb9d3b34c1fc65e89dfcb5d7a42579724b697bcfb53007440f82f1be7f50affa20da5f59179fe083802bb5aec77e518e4eb2dbefd1ab6d3069a2074a1e41fce44ee90c77fac885f92d4fe80b2111c654d2c39728535b686f504a3bbed3767a6b95b553855048357a61047d0855d094374e2ea3a5c839190ec781d8cf4fa0a9d0c9692e7f35df0f23cf6f86d7ad3228bd083891b70e81db259164fca4e66aac3d7bf2be53aa2d1c4cb65b7d75bb16a6c4cc8bc7c448478cf5ac3c866567e2bd199b5f9e337a2fbb08b98e7134088d60216c6173c5cf1b445c60f80d59153a0f5fedb9c4f712169dc483db4f564a9a7b81f26507d299b3b184a315bb686c82fb71420b26e517d225182f12890ca87475dab83484ebd4f5df86d50d179908ad06d8aa41f0b65eb9a9c47ddb51166e57e6bd0816a0a8ba5a6ba1fd9f3d477a52cf4ebcc4bd22099e6732600073701fbcd701056ca0a61a6e4733a7105affe25f68db5fba94ee3266f5e8f46f56b2df9cf42078029f5e1cd86a3ea43849edcc0310749cee4e0885f58a2a33c6933109cc42288d1d83d182a3e45e7d97d6dd094825360e93f476ed23d56ef5fe07c11a5a0cdfc49c9f184329d2ab9b440cc45732483eaee0ed1d819a3b1a1f80854cc70c1b51cc5574e7d4ff30e694390b5563ed6905eb516dc7303e7c63312d1d2beac8a6138a6741a929d4e1702111111c1563062a001ca6bfe07a3bf18fa3897853775d7deb7e1cd8471e09357a6ea898265a4d1680dcd2ce813110229d29af5ea7f05d54fd9ae8a6cb650cf41649d10b7cd7cb9ab26a78e48540718e5a38a002d5023edd2f1cb1cd7e7e4fa3dc8a19ff7feb8c96d590d414f1fc450234a009a5a02eccc86d172dea4df8d5fcc8a2fef49ba56b401d463c599fa7d1e02a723e24cd124e4b301fcaa4b095320c5a1bb90aa2e602a3da046462c358e4360598a5e002d07b4530d77bd4760549079508ee23c59dedad462022236f0e00218f841aeadd73bbe93702c47cfb81557611ef6095065f4df9cbfbae9b61eedaf12861041389926ea732c09039d7484ddac57dc36e4db60f179290ee7a948f941dc032e98a4d2b8594dce6b4cf869ab30e7641f99683fb4a41a6c9785d5f0c35c829cfe38a45e5882724ad1685ef1800baae41b583bc53ffbb61eaf2c02d55a897d0f442fd0b93f9554dcb5150e7fc3d1212bd719ef214be564b6c95051490c070c7f39aeb66bae2181a1a1d8c89fc108c370de4d736f1537e1e54a7492653c07518a93e61c9c25ab9821e25a6539ee164fbf086d8c83ebdabfa926c4941060e16f47a47f39d594a70bbd23a27e106e06d84881e7bf18af5024692fc93871b313f0949084cd69ea169e1403cc9036521563e88baa38b85de855bba97feda9566dca0caf575dcd4e10cab662e2bc02001ec7bba36a3e9dc7e539f7113ba37034f483bdeeb72cec2a2d7eaa4093e34f4f08136e4def6a3192084a3b1f67dfa9b2ce6f504f38b1d3cb8a188974fd3606a2d36f7156de856706432182d358d6f821ea8d05ae675a8850df1943ba143cd328ff4e46ba4cd7a9f86752ad3bbc8f65c9cc9e132cacf9c31a2670e254eaa1a51f3ebab69b737b040fdb9b47bbc5d78b98e88ef078b5e58e187002b3bf4fb59d31ad15dfb51f16f13f755b93ef3ac26e52b6cedcdee1167a71bf921af07fe72a6a1a3698ee0fc047ad809b08d01893cde2144ab7e959ddf59c89e85a9b4876b3510d97178c3481449e53b7d3230627a45811e2ab49cce7a7549e412996878d7b56a61b7eb06c1cf15b6f83bf06802605e06672b9fac5368db73bd73e63c3e22c9dce0b41894bc6bcb831743ad4de00c64de1ccd7cf306f4e1263f54b17b49cc6424907f8ab2c53bfe4fb10070cccc85045b1c956112d316e06efab0e140cf3c68118341dd659045bc2e3af53aac5ed728ab1ced8da8585e24a9b37a7ddecf41bb144a63c02a4763fc9ede5749e0a974439b730ca99e0b5a4fac21542d6ef5db0da8810482a0a91a4ff40b2fd3c6061eb99c1df87c2ae47968af98f7a4fdb810a6c6d92d34df2ad135a9cc7eb60af3cf1e5b81a83ae83581958c9a35ec7c012dbeedb2c21e8aa8dcf1a7c6165b15aea85b1f64659e0c445deb2c47570184539553c60d938da29ab7f6547c56e0863164b31aed4df7890fae969229ca57fea304c47a70068b228b0cfacdac2492de4899cc77b5b86232b597b4d66726dc6302779ec8cabb6a8573c575337c5b0c2fd304a2c5a3664adf1b064a43961ed1cc3c19097cd02757cf8531b10dfaab04d6d466f41b9973b5be9a887b1f5fb01ad36548bec56092ba603e2fa16cd56e74fc28ca28fd2eb3814534b0e1e57a042f8da07afc95539492051b53522c7b94faca1bd777d9e55d7eb5e56787d69297a6b20471280a396e4cb7b5e16c28852b8e2806aef76484ef527a2fba68fd203d071d75d010eabfe2e603575bc244e86ff7db0031f0cd1e63f61d1e2ae80d68593dbd4e926ed9bf4ba853d44a356c24cd4bf722f3affd56b92eb2dedc1d33614ed1a93dc1b753198049dd9e41ad206d49c4ed3628ce5aeadcd748b8be4a522ee6bbd16478bdd53923f91762b64efe5ae1bb74985a506b60e4cd8c722827198dbb6214adfd4256fbb4f544524b8f1949653ab7e2a211192f6471ea8afc2662c4a37a4a23334d6583e8d525668b6be580ee611eec66211bec3fee65396fd2ecaef9691870b4e9a5b88a1791cd62762e9b71d80c83382225f24e26abe816d3512160ad7a94afbc6a1d432dd7ad56b81169e71ebfca1b2567dec4ec7aabd020e0b58f702e3b94362a75f31d3e15acee1b897023a2a24a516a2b6a2d84d9724058ea4688bdfc2bdde9b3fa2ec5a10e9bc172ade571a2a3cf191c0aed0c361491371f1064b37977986ae458224de1004f0249b85e0570ce95b542afd3ec7d6e9602b0379e22d18622bc731bd65657d4c88425e3a3b4a9dc07014a29e4377eb91c59c8ad2303abd9688ee9bdaad2484b3d6d5ecc25fa71811a3da553773e85819c2332da3ef426bd8f28d306ff21c2674af34fdc9fea435269a4e5e3b6d84be3c3772399acb0eef6dcf5513c32ba3454a43c57739d9f9d85a9ac05ce1f0d001c334e710525d524a7f852f271e9e64b50c11f05bcb2e2c8d7cac3cdafefe3b0842ec27625283c8e2fbfd5ec168a50889d2f7c61e52373c39e6b4a85d9802682b2c090a041dbd49260fe9b70918c2425c9a07575e577100c5b5e901b72473d923325cefa79aad96ee6333ec38da9342e451aa79731566d8e9e401257a8885674abed1d6a1520d5313783d3ec39c59dcc7b26257efe8cd167a5488775ad96ebb83580e2de7b3f8b4e4f58c85c48692c1a5da29594b29b17c07a08054eef5f0774b698618d550542526aa3181b5b5013c319bee3d6988840dc9ff1f01488a84a63b20c6351fded362896a5dae6c7739f9a729b20eab1e6ce48ba7850007b86f0514ef5b9cfbc1ded71cd54fd3e885ec97cc1c6509e81b88bbef71fdccb665937de65620a739ffd924d8d426786237e661a696287e5d678f6fef8747fd14886c317741ec1ecff5079326513b95948bc840f08bf3f0b540193cedb9f3ef0fde25dba4a8d7dc23ae6c8408cfbc9942e3520e5ec5a20588f9fa865b4796061b8541bbc120b4088839ee50fea57d9e60127d9ec7ddcd005760b933baf0cbebd2b60a15fd230a17207e44a61a6cfe794521e05935a8ab50bd0dea308961ab3480af5a45ed63401ec8d2e634225a6a99043c7eff58cf701c54ccf31ab6d8351deeac1c3f3c82f5f99d5edec37e2b1c3e0a3f333b9d11f82b416e5e79cd40883afb3454f880be7b9d910ad99440806f812cbb57e16f477e3cc851cc5477edd2db2926c2e027546531c78330515d667316d742a11641fbb32e7a8fcc1108d058820f8a6555daf9ca8f8c16f11574d07de51440b718b1a8f711471205ae2291b5dbd34208698b6cb352bfcc993173a9d3fd0bdf7b80baff6a2a1cd4bedce560ec08276773e251b89c159f808f4e0e768552737a0dc2bb85870e782b6be4f0a9a64642ad4e7ecb3cb66fc579e47001ec2dd9e25504dee6ba980c8c0a1e4dee99f9eafd3bc25d14e306e70ebdbb279abe5b4cc1202ddc089810f6ebbc0a8fb102cb540745a61b39380471ac89d62334f5dd2ca83567b7f2d0ffee03236d51f2128b88a7650425b983ca54d59a257c6c2565636f227361cd55402f70ce3131e86d9ae3dae08736f945e6afa5e2584319af6dbe44c7245f66dc59f616ef4de96e600b8766c476f5c3fdbba694dd060d60181d28bfe9e45297ba799e538c2dcd7a94f6b7b936a509717c3fa27a8daaecd2d8035f7dd391ee1d8270c90ac721c34bab97f51a7ed6a46cadb750da44525ea277a5df879ba8cba61e90fe58c08d6f7abcea1ffd1cf31e67a8514e5eacdbd2b1a2f0051fa2487e4f7124260e7d797ecb9403c0dc5b1512e84540c770541363faa4e2a7003872a707b976551e1da9a435f94072f29d25b15a66081ecd4c13a216c121b87d4207a0e3bc4ad0e9c28d4289b2c40b8246aeeccb57ed5129d7f464d835bae359e611fc1686464c516b6d004865f0a4111a60ef1d6149434283f2b1f6f8b54f556462fde0ac4bea13133463f688b9076be0b4214026546dc542e5c5bf154a7a33614e6d8f665c57207f320c03de7b3d6cb9a0990627f80095d005442eb59be1c40e47fb6defa778274bc3af73963fcb7b65987d27f49fb5ace3301da3e5be5b34ddd40123cfe274e1cf7f28db037d72e26a07d9c6f265b0e067cad2cf0bbe895fd5d4881d5a528ae893732caab8d213f0491792ac5b8e4238945c9f34ef12de406ee8ab79c1e52284b4691e515be4b0e095c9c797861bf29b07f700a46100990dca30de18f921e4a7c4f8bce9c007aed731d5468c0a0e7c2255d1a6bf9cb5a741320ca835233ddda4c0f033c4cff44a99cfe3ecc05d4ce0659f78ee3d55dda02fe8a43a7c159635c2de61abcfb179707ebc07f991ad392adb23f19d8fb5697d1ed79c1fafdd9efbaa5dfa515aa44cd5d559a518f70e00f58187225a56a3399330949798412934bc28a81d7e203ba85db19b92956c46adbb60da92b3ee905176a903a4626e72f7358574389396cd1553e12a917538b82e6c0e2080ad6d6d536e4a7042d316cb75351e2aa599b9fc02ec67e7b7', 'yes', '2026-11-29 04:01:30.242665+13:45', '2026-11-29 04:01:40.242665+13:45', 1, 0, '2026-11-29 04:01:30.801774+13:45', '2.0.0 OK', 'yes');


--
-- Data for Name: batch; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.batch VALUES (1, 'default', 'account change', 'released', '{"held": {}, "passed": {}}', '', '2026-11-29 04:01:07.854577+13:45', '2026-11-29 04:01:07.854577+13:45');
INSERT INTO public.batch VALUES (2, 'default', 'platform', 'released', '{"held": {}, "passed": {"first_event": 2, "first_mail": 4}}', '', '2026-11-29 04:01:17.884857+13:45', '2026-11-29 04:01:17.98503+13:45');
INSERT INTO public.batch VALUES (3, 'default', 'platform', 'released', '{"held": {}, "passed": {"move": 2}}', '', '2026-11-29 04:01:29.861913+13:45', '2026-11-29 04:01:29.944284+13:45');
INSERT INTO public.batch VALUES (4, 'default', 'platform', 'released', '{"held": {}, "passed": {"first_event": 1, "first_mail": 1}}', '', '2026-11-29 04:01:51.882536+13:45', '2026-11-29 04:01:52.034273+13:45');


--
-- Data for Name: booked_session; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.booked_session VALUES ('default', 'ses-1', 'platform', '2026-11-29 04:01:10.524105+13:45', '4f470705227f4002e677e95144723db7', 'booked', 'prog-ses-1', '2099-12-04 04:45:00+13:45', '2099-12-04 05:45:00+13:45', '{"id":"ses-1","tenant":"default","updated_at":"2026-11-28T14:16:10.524105Z","status":"booked","title":"Mentoring","program":{"id":"prog-ses-1","name":"Program","kind":"individual","discreet":false},"starts_at":"2099-12-03T15:00:00Z","ends_at":"2099-12-03T16:00:00Z","time_zone":"UTC","place":{"url":"https://zoom.us/j/1","label":"Zoom","phone":"","passcode":""},"agenda":{"html":"<p>1. Goals<br>2. Next steps</p>","url":""},"url":"https://app.example.org/s/ses-1","participants":[{"id":"u-1","name":"Maya Chen","email":"maya@gmail.example","role":"","time_zone":"UTC","locale":"en","person":""},{"id":"u-2","name":"Sam Okafor","email":"sam@mail.example","role":"","time_zone":"UTC","locale":"en","person":""}],"set_aside":[]}', NULL, '2026-11-29 04:01:17.884857+13:45', '2026-11-29 04:01:17.884857+13:45', NULL);
INSERT INTO public.booked_session VALUES ('default', 'ses-3', 'platform', '2026-11-29 04:01:10.526819+13:45', 'db5d86267645508f0f944edf645e996e', 'booked', 'prog-ses-3', '2099-12-05 22:45:00+13:45', '2099-12-05 23:45:00+13:45', '{"id":"ses-3","tenant":"default","updated_at":"2026-11-28T14:16:10.526819Z","status":"booked","title":"Mentoring","program":{"id":"prog-ses-3","name":"Program","kind":"individual","discreet":false},"starts_at":"2099-12-05T09:00:00Z","ends_at":"2099-12-05T10:00:00Z","time_zone":"UTC","place":{"url":"https://zoom.us/j/1","label":"Zoom","phone":"","passcode":""},"agenda":{"html":"<p>1. Goals<br>2. Next steps</p>","url":""},"url":"https://app.example.org/s/ses-3","participants":[{"id":"u-2","name":"Sam Okafor","email":"sam@mail.example","role":"","time_zone":"UTC","locale":"en","person":""},{"id":"u-3","name":"Lena Vogel","email":"lena@mail.example","role":"","time_zone":"UTC","locale":"en","person":""}],"set_aside":[]}', NULL, '2026-11-29 04:01:17.884857+13:45', '2026-11-29 04:01:17.884857+13:45', NULL);
INSERT INTO public.booked_session VALUES ('default', 'ses-2', 'platform', '2026-11-29 04:01:22.296829+13:45', 'a9eb6b83e0fe4cc66aa31136f3f9ffee', 'booked', 'prog-ses-2', '2099-12-05 00:45:00+13:45', '2099-12-05 01:45:00+13:45', '{"id":"ses-2","tenant":"default","updated_at":"2026-11-28T14:16:22.296829Z","status":"booked","title":"Mentoring","program":{"id":"prog-ses-2","name":"Program","kind":"individual","discreet":false},"starts_at":"2099-12-04T11:00:00Z","ends_at":"2099-12-04T12:00:00Z","time_zone":"UTC","place":{"url":"https://zoom.us/j/1","label":"Zoom","phone":"","passcode":""},"agenda":{"html":"<p>1. Goals<br>2. Next steps</p>","url":""},"url":"https://app.example.org/s/ses-2","participants":[{"id":"u-1","name":"Maya Chen","email":"maya@gmail.example","role":"","time_zone":"UTC","locale":"en","person":""},{"id":"u-3","name":"Lena Vogel","email":"lena@mail.example","role":"","time_zone":"UTC","locale":"en","person":""}],"set_aside":[]}', NULL, '2026-11-29 04:01:29.861913+13:45', '2026-11-29 04:01:29.861913+13:45', NULL);
INSERT INTO public.booked_session VALUES ('default', 'ses-4', 'platform', '2026-11-29 04:01:44.789908+13:45', '0a0630405f15c6d4739d0db8b5860f40', 'booked', 'prog-ses-4', '2099-12-06 22:45:00+13:45', '2099-12-06 23:45:00+13:45', '{"id":"ses-4","tenant":"default","updated_at":"2026-11-28T14:16:44.789908Z","status":"booked","title":"Title of ses-4","program":{"id":"prog-ses-4","name":"Program","kind":"individual","discreet":false},"starts_at":"2099-12-06T09:00:00Z","ends_at":"2099-12-06T10:00:00Z","time_zone":"UTC","place":{"url":"https://zoom.us/j/1","label":"Zoom","phone":"","passcode":""},"agenda":{"html":"<p>1. Goals</p>","url":""},"url":"https://app.example.org/s/ses-4","participants":[{"id":"u-1","name":"Maya Chen","email":"maya@gmail.example","role":"","time_zone":"UTC","locale":"en","person":""},{"id":"u-2","name":"Sam Okafor","email":"sam@mail.example","role":"","time_zone":"UTC","locale":"en","person":""}],"set_aside":[]}', NULL, '2026-11-29 04:01:51.882536+13:45', '2026-11-29 04:01:51.882536+13:45', NULL);


--
-- Data for Name: consent; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: copy; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.copy VALUES ('default', 'ses-1', 'u-1', 1, 'c7f7fcef-d304-54da-9807-ea7b0537a1c3', 'google', 'google-1e06a11dc5d5', 'maya@gmail.example', 'google:maya@gmail.example/primary', 'live', 'sessions@platform.example', 'c7f7fcefd30454da9807ea7b0537a1c3', '"3591750757094"', 0, '1.cec5a863266654f6f894', '1.4ca76259e8d20e27d823', '\x01026b3117d4a88a58311570110c7490be48364492020923eb0b36f1fcfbbb9a0f7c82297df28458c087edba7240a7ebdc84b5d1e5fcdad787e3936250d75e09cbcb36860cee180d18948697d659f27a4d3d6a4e44dbadf9cff0ed1294ca1af914393a12d2be161c1e85c9e154e3da415bd788f9423c6d5b1e515ec1b1fa0499cd3c6beb1b3fe6b573ad9f30764cbc0d25781b480c2a05fb22fec8eb3d0c3846fec98b57fe44be7290c3b2eae426e4e810079a7623a83126712605bbd9de2cf03a08a739b75636d85b81a93be856889d8caf059a2ddb3bca9b7fd8128c4e73b20d2ff123c6978fc859337498850619794a3d216bde53b2d40bcf3dbe44b5ee6d7bbca600d9552258e1be4a9980ad2176d3d77900d51a1438fdafe52f3f0808d0e55cb5965a32293bfe8b8f2283ab2e8cbf10e1929556339ae6924d8aa862f94d78abb30a29d8dbde64840df77be71906d41460d9f3c6ea373ada897d217718918e7ddb2e0cf2eab832658de491cf24bb8e5ad881fff340c3f3d08dc78216c9d8e57bbcc2b45ddbede7a4a6c2d2dd45d6bdb41222e3b18aa6dd234980a5e45e8685f0a3c4c54fe009069396ce5141536f0ff554329e071a82b7baad95f63ac65b558f40f5fd41aadcd6803ed5c0793e3300db4b1c364ffc7692fd3972c5d10e1eaa542647feb54941462ef96eb8fcdefa75e8845583935ae4cfe77fb3809272c4d15072830c8b69e1a1af6bdff4a4a7f931db4e22606ec5554e563a23552c11f345cbc670aa7fbbce9481b0b971bfe8bd9205e24ce83851610a0953bb3dc96f2c35c3297574a8b9cd61c4399514366d1ec649a60c804febf9a67e6da74857e436348ce82486c14df59bc97a5f0e035838b74e3636e89d1444d4615cceaa96a48271f803dbd1a112aa08932873eadc7e407e6e4e328970262657d174b45a1e972e26cf9d10e62931f86310757ef71b79d77b2456c4159603a26581325c5e66a797ed8a4a2fbf0cf6606af8ea32c41dca0a53d4c1918d5da6cec603781bf2f88932612bc50dfa5370df84b97543c7c5890e42d2e29f3ed986fa1e7f5add704739ae655b3d31e58a543ef1efebcbbf2695367f41311173a7f10ff9f0119d1114fb54e683bf8e72b180e668f47fd0bb1f0338642903552d358e91c760eb7cdca0171ada2299a9c3483a32ffaadc2af21d6b39c6f7d92be5f504682fbd70a3e3d67dd0d4c0dd0fd644dd711de282f8e77b8c73368b0edb3ba92d354d6ab0505e8de37b112e49158d3f88a638a3c4ea3d3d89f8b8e601a011ca7372801af788212efd974fc5d77a4ffccad0795e2a5be9b13a564fc26ec799f0', false, true, NULL, NULL, 2, NULL, NULL, 0, '2026-11-29 04:01:18.552287+13:45');
INSERT INTO public.copy VALUES ('default', 'ses-1', 'u-2', 1, 'a4f593b9-bf9f-535c-97d0-5fa76f0430a8', 'mail', NULL, 'sam@mail.example', 'mail:sam@mail.example', 'live', 'sessions@platform.example', '<a4f593b9-bf9f-535c-97d0-5fa76f0430a8@platform.example>', NULL, 0, '1.cd9da06e92c3a5f472d1', '1.a3b4f51c8aac24cce2fa', '\x01026b314074a9e5f16818958f9793fd160219dd713b1f960cf1590a3d47399c5f42f65a6df9cc8762950f1ef6f3ef94f25d73ae32d8b424540f43e3edc461b709abdfb95eed836411b29d663a0918bca2e1d9a56d56ffae2f95e07e8374a7b228c59b1b577ccf3d357f482af13e63c085dc331d50d54ba8e091bd5658b885d342ce9bc228de2f21f24ea474e6fa88d643f1eb95649324d19bb841f337005c60647bbc5d424f97b3760e3341becfb41c1fb66626153802d73ac27c9cf2f8a4315580a4b3eb84105b03b2d5069635e0654fdf0434d015f5a95c6c90f8154bf341c1dd267283a3e0cdd3b54d9fceea47fe83f84556f1b9090b67a5180a49a34acd82ee8aabc0598c39934be833f892fdf517d6d5bce3fd88a0efa624dc7aaada7eae62c4a7b7be0c333ce34fdeeed35c3b43f89fe9354d65ffb099a676c4100e3656ca5b59e736b1f4257c66042971d4220d052e343f5f38268467064f629fa1869bdb956589dcbfda19af3b5608577642f3124c64a9f9d0129b879223bbbc2c1243a715c440911522b718b08972ed4fd3a4a8e3debde3d1a4239175f2a631b51ef92ba1a0540d07803320deecb1ace958d35ce2a796b910bb459f9715b1f56664d9b7b7d1fe63f5b5b4b3641c3c01244418f28638ce722ba2f6cbe5b3d6ddc5871aeed95f4ff64b19137f63d29e0e96b37dfd69015aa70c6784478e64e28bc631c4855cbba545b6117f34276ca795fad5a1b8f9a0ceba7fd4381b00c35c3b9abe1a6a315e38dacd9444a1df25b931c4a72bce435665a61a20225e81957acc81aee7194995bc55fe38a2f5f600a24bd36e09d238cc82d12370b5b0aca23720b35484a8e533fe68030b1f06f5001553c13a34b59ddaae8db80af1c39e8e46eebf3bf738b908c82b723dce988f3eb09ce0347764a795c951574a87bd09713842e8801a0cec350d6b460508892f97da9008eabe05ee0dcb24d06cec2a9662913ebdf98485604ffa9fb189e0a57bd36e3b7fa1ed7b55c749353dbfbf8cc4081c715caec7a9238d01ab76cc0cdc24f4efb9d8a585f37e0dbbba1f8838ae25e51d749d298b569f08bfb33ae8dc8aea36d1843f782232c8ceed18ea8fc8744ba2ddf791324aa2678ae1871a95a27c0dcb478f730713b40abf83f7c3128a2c81b6682d045faa661d3fa9043df788271983ea0c7b1d81837452b9587192a7a9b2b9b23ffb08207284d57fd40ff7b556ce76f49ecc2c744ba523758b6e22564efbd8bcbac8f5fa465a2708a2522480fda9a868136c23fdaebbbaf4a33736679e25f2f0567ec8d07f4b9f86859a805221f9f1983b787b7d1add', false, true, NULL, NULL, 1, NULL, NULL, 0, '2026-11-29 04:01:18.655502+13:45');
INSERT INTO public.copy VALUES ('default', 'ses-2', 'u-3', 1, '233ac7ce-76df-55eb-9c78-3e880987f6b6', 'mail', NULL, 'lena@mail.example', 'mail:lena@mail.example', 'live', 'sessions@platform.example', '<233ac7ce-76df-55eb-9c78-3e880987f6b6.1.20261128141630242665@platform.example>', NULL, 1, '1.564389fdc3b08051ed24', '1.9a54af4a4f58bf57e457', '\x01026b31b40608aaa86346d2c5a05467379243cdfd0090378b8ac438845e09f5c89eae5697b1e24b2e1f58007abe8ea6b10556c5b1cb54ebfcccfb9ee73ce2e3b6d2da38a59bca2bbd4d17d58df0e3b330183f7496e990db6380fced3b4ff759c38f959c94d5a5498e8631e5110372599c33ad7cdc142dcf1780bfdce062aeb6c2b5ec508570013e559f468c5b0a8c7b22b92cf041928cbf6ae47fcfef97da997b116aa4a14527f8d1361cf26322cb983f083c3b403fa26b5fd0ba466dc518264f35489320df62912617702dd4b1ca51ec51d8636ebc458de5768bce995cc0b9c49c4cad3b8b90f3873a625986537503ff6fd83be5cd65badff27ade5e5ddf3644cceb7c01f53c2edc872ec6ea0185d6ce0cd4205e5f5f96a0cf361d5951cea243d46a25a8c9670b380441ea8f0028ba1d54f2adcd942351241e5269391f24a4b99147f081473937a83ea929461a47fc3600017f321eec7f2185cac0c5eaf2d479ad29ed15970b67b4e76477a8f7f62e100dbbb57c888810d2e9ef2d77acefeb2429c5173ca14e6f06968ab7270ef33903452e2625c44010f753903e0dd3b9953a80ec381d2d507b131869651e60ceea3004eeb588337aab43894487fbb21de5f97ae1634cb775c7d28dc08e9707dd1ba97585f1fca0e1ed154707393320a501861aab799ec526bc308bdb308ae82da975d38be4d8fee415e1bed9dc32bd43c774389cea6ebd3fc339955d996dbdcf01b33734af57ff3773f46cc87b7bf71f0ee9dfe98fccf08c1f6fbefd1c657279aff336e13551c52377c0ed9771ac3eb82111e0ce4f0f8bc9918ac0ab244ae8d0d31631138754c9cef78eac8cb66f31d90f97ac61d50065e359a54b40add3eab36beb54cee7e18d144b297b7e36e6df6ecd30f886a7129830d114d71df587f7b7d905fe15854bce3a0a136aeecdd180508d13280e73e739291e66e83fe541e411e9d2628b2dae36d6b46692135625994820039c12e5ef0886527906500e38570b3a22b699eb3b5efcb5b013ea12e553b037e3a7d36d4c9d528739907d10388532cec0e759d78d4d021aff0222f98a3e2063011d0ba1dd1be58ab0becd582ad96ada7d6bdfd9cd41d9fa270b12d96c86bcb23e190856639533c2259acf627689f6eedb3550af87a2d19c06a904fca8616880279b85ad5b29aa69bbeebc2525012353a6b8af186198acd29aa613f786b8d700572b6cacdfbc6ecc6d77c9e894292ba9c05c696a1e8d2fdbe47676ec58b4735ac41bc27a871f6f0c055ee41f097e986de2f4317886637eb4cab6831bd102e2c03875e51779e69b681682d4c5ca4a7e23593a0e', false, true, NULL, NULL, 8, NULL, NULL, 0, '2026-11-29 04:01:30.801774+13:45');
INSERT INTO public.copy VALUES ('default', 'ses-3', 'u-2', 1, '9ad36065-6d9c-566f-9632-6e2a85a44923', 'mail', NULL, 'sam@mail.example', 'mail:sam@mail.example', 'live', 'sessions@platform.example', '<9ad36065-6d9c-566f-9632-6e2a85a44923@platform.example>', NULL, 0, '1.e8f1261f8a1081706a35', '1.0e75a3086e09c0e9d55a', '\x01026b319057ba21d2023e65d497e107ecb71daf9034b1a81237ab5c297dbc5b3cae5f9e390f34c9260189a5fc8d1e1670ead4ddd6e1d9074874aedf1bdf6169a90726d498932b4b1cba43185182c50fedb012866897ed04b90e432c92ada334ce6612ca5221c434db04819813e576a40a533d5c11da07d01d34028a4156e1bf3d337a65abe5fa1c494c5dfdff48db2ffbe4486b87f4d6808f16bd7ed501dc7f6eee5b7a95c3af138238f9f0859844fe244a108fce8c3c269bb87cbaa647acf07b955d2a19febc1e564498f310e97acac3af1d0ff0624f4471c401cec6052f970c8f2480e857c84817fd9859d5cd2693aadf56dff7caa151d2fdd74fcb358686ad79c24bcd2cc4ca99b833029c946e956aee180cbb94bfefb65f4d6f1a6780c8b71b1a6ec84933ebf2d505584973bef8bcb81b06dce4bf749a7c5bea41d8d3e18d4aa9e86afe1d6b0b8f7f5862bc85c25f66563c011f02cf439054ba31f5adf248b4ef732e3197bed10ceaf0b49be2110a6d5638f3d76f4c6d22e42500545e85461228bf21099b409311d5528e600728fd9b4e91f6b9177c86ca5c2080c341fc6066f18c58c400212ccfffcc58f7f57302338d2f2fcdb683abc6e7205673a1dff86c92e6fa42a9f68168c770f11e2f95ffdc4d555e26ccc33f21081202a0f95f348638b752de18345c0dc94632e8493afa833d999799e7d79bd2812be84fff8a85b3771f848915b7fd94ef4622bd2454970ff7da368c99db59b697d3f4a6153ed9e7152d630b9cbf14ccade6f979209a04ef947ba164862735a739fe6ea7dfce548edbe4044869916356a28ce4924c314ae9e8ff48fa74eeb27999ce4140525b6183a97b44fd4b884b5d847a9c9a6176959274a535ec2384786f9bd10bd9c831ec922b1bc35533dbe22edd7183d7973a9a307c7ce43faf2ac91547ab5d7121cf82fb1fdb9390a7b95ef29ea08c7eef729417c447049805ca765b25a5f5763bcca465381fb0790711ec9e2a777fa93be6215a66ac209920eec7c04badc36fa0c5c7d315cca05e0e6e01c5b07334984cc556fe31372e6d8364ac928e154d91c77ea88e0585023380d578f1042cfc478a6d976eb5f7d75b43c263b57328722ad0404dc5478e216895241635dc86f460bcbe6f54b9ad1b0d6159198b7c21ca519cf7a1e235e2ee752032b1ccc1b68a2e058aa9d953378c9289298fd1077cad5cfcea61ca1ff941cc0a81a3da61fdad5b461d3f766da098b4c736557f8a699e53d79f9cdf765cc08aa1924f1312ad1daa517ef950e9a0f679defe92eb61a74897a38f01948fa4f9c569ac49f900714eade94d384c5e540768', false, true, NULL, NULL, 5, NULL, NULL, 0, '2026-11-29 04:01:18.92441+13:45');
INSERT INTO public.copy VALUES ('default', 'ses-3', 'u-3', 1, '10a8c04c-9c65-5a23-937e-e9bc47501ee0', 'mail', NULL, 'lena@mail.example', 'mail:lena@mail.example', 'live', 'sessions@platform.example', '<10a8c04c-9c65-5a23-937e-e9bc47501ee0@platform.example>', NULL, 0, '1.b5d766d49d53afb8cef5', '1.8f7e69aebe6a21bd04de', '\x01026b31be3282340c76ad9c2f59bd2b33e41b140789fea4dd842b32e01baec30e7b086a1982f749e8461ae7a0b0ef7a0a06229dc556f52f310033386407d6c5db94622fc91c805e0991eace4a531740e9d9e00d287d067ae9ae70627fd44bd7228c6a13c3c733e3e898cd6e065cbad417472d5333f5971734f8192bd90a17792c52f5f55880fedfc50198be93cc1fa38cc8496397301343fdae425c6d95ef56b763315abe4d73698277d45da8272b2f44d4eada7e6bbcb544d6c1adc7360ed4f3d2a7ef38bb26208c0285b69205f7907da8377ce0d2adade37663895ed13db8b6da95becdebccc1d7daeb83981d08998f53e1b178b47a0ba1ffb73dfba9f2d27c4576d0e54f24d4e363b0846167bb997e785a47feed3c6e33a96de800157f0231477f22c20e0124d4be69f7694ccaed3fb3cd4628ffca5756671569bb3423cbbbe13e122fad8ab25843333cbc8d772644138f427752b7d4e8a3d8035e2bf934593d859a28df407505979a9f77f9608e8a19d5ce2ddac41736f6d2a3f43c26449054bcffbe330817ef25bc931cc56d7fd9b9b61e7677c4dd3b7d18612754ebd817d4de458ca946238e20087a7a7b370d1b44389f04f98125ac744ef29263ad0329e09375fbce834bd55c946ab2f89b1871a2c89a9cf471aa9216d76db5fabd37f424c4da37d8c5a0a3686c2d300a752c6d5b3812045acd1e285419c3c50e41ed71aaf194e3f5ab7157e82196a6363552e19c38e7ca449d140a907412e4ebbe1a8ebc703f6f27c571ff14bca9f5e7dee60124d57c69eaf4edb09165fef3df532b95a7ee68433a895cd4b384a2fcadc4b52623bf9b674efb5334e92de6dfe850e9a5d06c05d56d2af38c0f59a264961909ea8dc628da86ce0b12e1d8416afb86a1dbe437b5155cf439bcf9552fd49a13b859996132cf4d4203edfec19d1e473ebe817c4dfa634d4d56fe452f9c5c8da9ee7d50a70c723092e1f0c2e9ca4559d4a8d5568d6bce8b87dec35f90bc5e14394ad52be456434bdd0195265f2a36b643ce69932128f5176095316336c36fa956a8d7f67792e138275b69d328609e5a4fcdf2b8a194c6cd6e0ddb721e54b22e2e41afdca20dfdf48100ceac8e00146abe437f828a48004ba1d9826a9aea3f6d9892ac119ced1e280a3fd97845e9c95a4c8c3ccf1b3a49badfcb506827eda58f17776c3e0f7663bbadc42c54599fc80e70b39fc6eba8e0a68bb286b78a1f28ac807fa0cbda4de86a6735023f1aaa6b46d73f181f0481fc23ece83934d0ac8131cfe5c9bc9a5c7ab3308fc61a9e9d25bcc639e7ea6585934bac48370f15d291b4449346c6a897129e', false, true, NULL, NULL, 6, NULL, NULL, 0, '2026-11-29 04:01:19.050117+13:45');
INSERT INTO public.copy VALUES ('default', 'ses-2', 'u-1', 1, '19d0aea4-81d7-55d5-9e96-13fec20c6170', 'google', 'google-1e06a11dc5d5', 'maya@gmail.example', 'google:maya@gmail.example/primary', 'live', 'sessions@platform.example', '19d0aea481d755d59e9613fec20c6170', '"3591750780876"', 0, '1.82d6d5f79bf8a9d50203', '1.bee0bb0395e470dfcf40', '\x01026b31e46107de5f4bc2ab9fd21cf673cdebdd5aa5f8728e37d7df673a39836ac403c75779fd9ae9b766a6367eaa73e5fd0a7352a3b16d71acb9cb6f0deb4ec9d83d63dcaa51aa6406c22cd071b0c9bf615d36b3403af0c7e60230c6f6096a8ef8ee6455b6a8926c041ec7421fdeb64a9c350375ba413da7f5b8077c87c2271033f9b395590e107ce2401f1e9f158225617077b7ac929e6fd14ff4af375089ab309b37534f2f5bd96d0de68111ccc90302237e08b291eb039f6f0e118827121deb3992c208c41a9ffcdad04c775d143d2ca0932cbc182f09f720196fe017682ef6b3187e569b3d1562536079c3f80bf3191e3b5ab336bfd5cc12e5e2fb08322287bc0193a64465f6cfe488ad52830acc98abf8443d4bc6d9b69bf1915378eef3aeed8503b392013f0cadb719bece1d660f769982347adc43629bed2918af07c74ff01600045642fd95bfb7aaac196bcb1d443e1297961410ebdfc928a1a2a80fecbcb597d52879b4f3f547f6936894364a519f9f885093a4ba647b68967f89f4abbb7fc5659e2fc6f81e4fa2c90d69d39fe831eef90ec02ea0ca82caa4247a5c3b2170968cd1e3080f2392d757fa99abd4061056bfe345b68a1c3ba61fec69cee9d95cb1e3732459ba91fcefea179722638b3bf2206ae65e8de94d638da1c9ec3e908fa9fc72b5fa4253c96027afe8d5a653674463beadc270b9b506b22e4bdb4d49d5973a2bc679d16298f4fbd5efcdb0792a868533fcdefd04106511dc8de13a5fb3a23c9a5a25daf50e6451384120c8fc5a76c326d09d59fbe271d4083fed13f1fc6da02fb4d1ac3f7fc72bf4fc6f213e581c1957858983e64f986f9623a0c909317e7acea00746490af3eb785fadaf6aa0bcf76bfc92d3addd9838ec462bf70b5fb25b68827dc024a5e253401a3d0c6abf7e763adb824f060955a3f26b827c43cdca46106cfd07e61e578f73ebc7ceb72c65f666997851970228b3dbd31aa83309c51c716ab3819e4f59a6e40753a6931a8d2828a445eb2955af5e854b754f1b48f9f24ddc766861d9ceccb1051b6ff3474adab520dde0ae27244310843df4c7f075065c238c87b90ae523b4e90bec9c3c38e9eb66d546eb241e4c28ef4b990a590c71af60b54c13f000e36c4c66c18a8c727b27ab1be78d4cd961a33ae0c20f02513f5b18cee40514647dd58aa90acfa8972222e9466d26c7860fb6dc07ebadf0b5ad327d60814c35412b66cd555caf13999dbae294f82b8d39f5950706f80fee51bbe91db1657933986e5f528f9710ea673cab1e6068450383a66c7667041626cc074da829d0cb7cf11293e1a6fbef3350b5', false, true, NULL, NULL, 7, NULL, NULL, 0, '2026-11-29 04:01:30.462447+13:45');


--
-- Data for Name: dead_letter; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: delivery; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.delivery VALUES ('default', 'ses-3', 'u-2', 'sam@mail.example', '', 'present', '{"ends_at": "2099-12-05T10:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-3\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Lena Vogel</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.e8f1261f8a1081706a35", "note": "", "private": false, "quiet_fp": "1.0e75a3086e09c0e9d55a", "starts_at": "2099-12-05T09:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-3\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Lena Vogel\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Lena Vogel", "url": "https://app.example.org/s/ses-3"}', '1.e8f1261f8a1081706a35', '1.0e75a3086e09c0e9d55a', '2099-12-05 22:45:00+13:45', '2099-12-05 23:45:00+13:45', 'mail', NULL, 'sam@mail.example', 'mail:sam@mail.example', NULL, 1, 1, NULL, NULL, NULL, NULL, NULL, 'mail:default', 0, 0, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-1', 'u-1', 'maya@gmail.example', '', 'present', '{"ends_at": "2099-12-03T16:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-1\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Sam Okafor</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.cec5a863266654f6f894", "note": "", "private": false, "quiet_fp": "1.4ca76259e8d20e27d823", "starts_at": "2099-12-03T15:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-1\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Sam Okafor\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Sam Okafor", "url": "https://app.example.org/s/ses-1"}', '1.cec5a863266654f6f894', '1.4ca76259e8d20e27d823', '2099-12-04 04:45:00+13:45', '2099-12-04 05:45:00+13:45', 'google', 'google-1e06a11dc5d5', 'maya@gmail.example', 'google:maya@gmail.example/primary', NULL, 1, 1, NULL, NULL, NULL, NULL, '2099-12-03 04:45:00+13:45', 'account:google-1e06a11dc5d5', 0, 0, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-1', 'u-2', 'sam@mail.example', '', 'present', '{"ends_at": "2099-12-03T16:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-1\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Maya Chen</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.cd9da06e92c3a5f472d1", "note": "", "private": false, "quiet_fp": "1.a3b4f51c8aac24cce2fa", "starts_at": "2099-12-03T15:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-1\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Maya Chen\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Maya Chen", "url": "https://app.example.org/s/ses-1"}', '1.cd9da06e92c3a5f472d1', '1.a3b4f51c8aac24cce2fa', '2099-12-04 04:45:00+13:45', '2099-12-04 05:45:00+13:45', 'mail', NULL, 'sam@mail.example', 'mail:sam@mail.example', NULL, 1, 1, NULL, NULL, NULL, NULL, NULL, 'mail:default', 0, 0, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-3', 'u-3', 'lena@mail.example', '', 'present', '{"ends_at": "2099-12-05T10:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-3\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Sam Okafor</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.b5d766d49d53afb8cef5", "note": "", "private": false, "quiet_fp": "1.8f7e69aebe6a21bd04de", "starts_at": "2099-12-05T09:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-3\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Sam Okafor\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Sam Okafor", "url": "https://app.example.org/s/ses-3"}', '1.b5d766d49d53afb8cef5', '1.8f7e69aebe6a21bd04de', '2099-12-05 22:45:00+13:45', '2099-12-05 23:45:00+13:45', 'mail', NULL, 'lena@mail.example', 'mail:lena@mail.example', NULL, 1, 1, NULL, NULL, NULL, NULL, NULL, 'mail:default', 0, 0, NULL, NULL, NULL, NULL, 1, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-2', 'u-1', 'maya@gmail.example', '', 'present', '{"ends_at": "2099-12-04T12:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-2\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Lena Vogel</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.82d6d5f79bf8a9d50203", "note": "", "private": false, "quiet_fp": "1.bee0bb0395e470dfcf40", "starts_at": "2099-12-04T11:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-2\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Lena Vogel\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Lena Vogel", "url": "https://app.example.org/s/ses-2"}', '1.82d6d5f79bf8a9d50203', '1.bee0bb0395e470dfcf40', '2099-12-05 00:45:00+13:45', '2099-12-05 01:45:00+13:45', 'google', 'google-1e06a11dc5d5', 'maya@gmail.example', 'google:maya@gmail.example/primary', NULL, 2, 2, NULL, NULL, NULL, NULL, '2099-12-04 00:45:00+13:45', 'account:google-1e06a11dc5d5', 1, 0, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-2', 'u-3', 'lena@mail.example', '', 'present', '{"ends_at": "2099-12-04T12:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-2\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals<br>2. Next steps</p><p><b>With:</b> Maya Chen</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.564389fdc3b08051ed24", "note": "", "private": false, "quiet_fp": "1.9a54af4a4f58bf57e457", "starts_at": "2099-12-04T11:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-2\n\nAgenda:\n1. Goals\n2. Next steps\n\nWith: Maya Chen\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Mentoring with Maya Chen", "url": "https://app.example.org/s/ses-2"}', '1.564389fdc3b08051ed24', '1.9a54af4a4f58bf57e457', '2099-12-05 00:45:00+13:45', '2099-12-05 01:45:00+13:45', 'mail', NULL, 'lena@mail.example', 'mail:lena@mail.example', NULL, 2, 2, NULL, NULL, '2026-11-29 04:01:29.861913+13:45', NULL, NULL, 'mail:default', 1, 0, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-4', 'u-1', 'maya@gmail.example', '', 'present', '{"ends_at": "2099-12-06T10:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-4\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals</p><p><b>With:</b> Sam Okafor</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.104dd587646c5a3936f9", "note": "", "private": false, "quiet_fp": "1.94b3380299e3e55660ed", "starts_at": "2099-12-06T09:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-4\n\nAgenda:\n1. Goals\n\nWith: Sam Okafor\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Title of ses-4 with Sam Okafor", "url": "https://app.example.org/s/ses-4"}', '1.104dd587646c5a3936f9', '1.94b3380299e3e55660ed', '2099-12-06 22:45:00+13:45', '2099-12-06 23:45:00+13:45', 'google', 'google-1e06a11dc5d5', 'maya@gmail.example', 'google:maya@gmail.example/primary', NULL, 1, 1, NULL, '2026-11-29 04:01:51.882536+13:45', NULL, NULL, NULL, 'account:google-1e06a11dc5d5', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.delivery VALUES ('default', 'ses-4', 'u-2', 'sam@mail.example', '', 'present', '{"ends_at": "2099-12-06T10:00:00+00:00", "html": "<p><a href=\"https://zoom.us/j/1\">Join (Zoom)</a></p><p><a href=\"https://app.example.org/s/ses-4\">View &amp; Edit</a></p><p><b>Agenda:</b></p><p>1. Goals</p><p><b>With:</b> Maya Chen</p><p><i>Kept up to date by the platform; please make changes there, not in this entry.</i></p>", "join_url": "https://zoom.us/j/1", "locale": "en", "location": "https://zoom.us/j/1", "material_fp": "1.d7d71ff07135028bdd29", "note": "", "private": false, "quiet_fp": "1.daeaab0f555e54d71b18", "starts_at": "2099-12-06T09:00:00+00:00", "text": "Join (Zoom): https://zoom.us/j/1\n\nView & Edit: https://app.example.org/s/ses-4\n\nAgenda:\n1. Goals\n\nWith: Maya Chen\n\nKept up to date by the platform; please make changes there, not in this entry.", "time_zone": "UTC", "title": "Title of ses-4 with Maya Chen", "url": "https://app.example.org/s/ses-4"}', '1.d7d71ff07135028bdd29', '1.daeaab0f555e54d71b18', '2099-12-06 22:45:00+13:45', '2099-12-06 23:45:00+13:45', 'mail', NULL, 'sam@mail.example', 'mail:sam@mail.example', NULL, 1, 1, NULL, '2026-11-29 04:01:51.882536+13:45', NULL, NULL, NULL, 'mail:default', 0, 0, NULL, NULL, NULL, NULL, NULL, NULL);


--
-- Data for Name: fact; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.fact VALUES (1, '6c608eccaca3492ca5dfb0c230a4f3b9', 'default', NULL, '2026-11-29 04:01:07.854577+13:45', 'account_connected', '', '', 'google-1e06a11dc5d5', '');
INSERT INTO public.fact VALUES (2, '183e722f5b974e7fba9c838e02a7de7f', 'default', NULL, '2026-11-29 04:01:18.552287+13:45', 'delivered', 'ses-1', 'u-1', NULL, '{"channel": "google"}');
INSERT INTO public.fact VALUES (3, 'b1c363b29e724f8392ce89db2cbe83c7', 'default', NULL, '2026-11-29 04:01:18.655502+13:45', 'delivered', 'ses-1', 'u-2', NULL, '{"channel": "mail"}');
INSERT INTO public.fact VALUES (4, '0009bf2bc968492b97d8c74803e4447c', 'default', NULL, '2026-11-29 04:01:18.75632+13:45', 'delivered', 'ses-2', 'u-1', NULL, '{"channel": "google"}');
INSERT INTO public.fact VALUES (5, 'b70edada45be4e11ae8a4583f9432c2e', 'default', NULL, '2026-11-29 04:01:18.85647+13:45', 'delivered', 'ses-2', 'u-3', NULL, '{"channel": "mail"}');
INSERT INTO public.fact VALUES (6, '8c8b8ba1b74b48248537e3088577de86', 'default', NULL, '2026-11-29 04:01:18.92441+13:45', 'delivered', 'ses-3', 'u-2', NULL, '{"channel": "mail"}');
INSERT INTO public.fact VALUES (7, '420f0ec135ed4536b5aa280e2c5b125e', 'default', NULL, '2026-11-29 04:01:19.050117+13:45', 'delivered', 'ses-3', 'u-3', NULL, '{"channel": "mail"}');
INSERT INTO public.fact VALUES (8, '526585e2b8954a4687ee1482c779bd2f', 'default', NULL, '2026-11-29 04:01:30.462447+13:45', 'delivered', 'ses-2', 'u-1', NULL, '{"channel": "google"}');
INSERT INTO public.fact VALUES (9, '6ae99080340a4a89ace55eb1e9048e1f', 'default', NULL, '2026-11-29 04:01:30.801774+13:45', 'delivered', 'ses-2', 'u-3', NULL, '{"channel": "mail"}');


--
-- Data for Name: feed; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: instance; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.instance VALUES (1, 'c78d32c7-e1d2-4495-8971-aab427fcdb26', '2026.6', '89e7947740eaf809', NULL, NULL, NULL);


--
-- Data for Name: journal; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.journal VALUES (1, '2026-11-29 04:01:07.854577+13:45', 'default', '', '', NULL, 'account_connected', '{"account": "google-1e06a11dc5d5", "provider": "google", "grant": "own"}');
INSERT INTO public.journal VALUES (2, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-1', 'u-1', NULL, 'wanted', '{"version": 1, "route": "google", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (3, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-1', 'u-2', NULL, 'wanted', '{"version": 1, "route": "mail", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (4, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-2', 'u-1', NULL, 'wanted', '{"version": 1, "route": "google", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (5, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-2', 'u-3', NULL, 'wanted', '{"version": 1, "route": "mail", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (6, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-3', 'u-2', NULL, 'wanted', '{"version": 1, "route": "mail", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (7, '2026-11-29 04:01:17.884857+13:45', 'default', 'ses-3', 'u-3', NULL, 'wanted', '{"version": 1, "route": "mail", "material": true, "batch": 2}');
INSERT INTO public.journal VALUES (8, '2026-11-29 04:01:18.552287+13:45', 'default', 'ses-1', 'u-1', 1, 'create_answered', '{"channel": "google", "answer": "yes"}');
INSERT INTO public.journal VALUES (9, '2026-11-29 04:01:18.655502+13:45', 'default', 'ses-1', 'u-2', 1, 'create_answered', '{"channel": "mail", "answer": "yes", "request": "2.0.0 OK"}');
INSERT INTO public.journal VALUES (10, '2026-11-29 04:01:18.75632+13:45', 'default', 'ses-2', 'u-1', 1, 'create_answered', '{"channel": "google", "answer": "yes"}');
INSERT INTO public.journal VALUES (11, '2026-11-29 04:01:18.85647+13:45', 'default', 'ses-2', 'u-3', 1, 'create_answered', '{"channel": "mail", "answer": "yes", "request": "2.0.0 OK"}');
INSERT INTO public.journal VALUES (12, '2026-11-29 04:01:18.92441+13:45', 'default', 'ses-3', 'u-2', 1, 'create_answered', '{"channel": "mail", "answer": "yes", "request": "2.0.0 OK"}');
INSERT INTO public.journal VALUES (13, '2026-11-29 04:01:19.050117+13:45', 'default', 'ses-3', 'u-3', 1, 'create_answered', '{"channel": "mail", "answer": "yes", "request": "2.0.0 OK"}');
INSERT INTO public.journal VALUES (14, '2026-11-29 04:01:19.153106+13:45', 'default', 'google-1e06a11dc5d5 2026-11-28T14:16:07.854577+00:00', '', NULL, 'notice_answered', '{"kind": "account_connected", "answer": "yes"}');
INSERT INTO public.journal VALUES (15, '2026-11-29 04:01:29.861913+13:45', 'default', 'ses-2', 'u-1', NULL, 'want_changed', '{"version": 2, "route": "google", "material": true, "batch": 3}');
INSERT INTO public.journal VALUES (16, '2026-11-29 04:01:29.861913+13:45', 'default', 'ses-2', 'u-3', NULL, 'want_changed', '{"version": 2, "route": "mail", "material": true, "batch": 3}');
INSERT INTO public.journal VALUES (17, '2026-11-29 04:01:30.462447+13:45', 'default', 'ses-2', 'u-1', 1, 'change_answered', '{"channel": "google", "answer": "yes"}');
INSERT INTO public.journal VALUES (18, '2026-11-29 04:01:30.801774+13:45', 'default', 'ses-2', 'u-3', 1, 'change_answered', '{"channel": "mail", "answer": "yes", "request": "2.0.0 OK"}');
INSERT INTO public.journal VALUES (19, '2026-11-29 04:01:42.250478+13:45', '*', '', '', NULL, 'paused', '{"channel": "*"}');
INSERT INTO public.journal VALUES (20, '2026-11-29 04:01:51.882536+13:45', 'default', 'ses-4', 'u-1', NULL, 'wanted', '{"version": 1, "route": "google", "material": true, "batch": 4}');
INSERT INTO public.journal VALUES (21, '2026-11-29 04:01:51.882536+13:45', 'default', 'ses-4', 'u-2', NULL, 'wanted', '{"version": 1, "route": "mail", "material": true, "batch": 4}');


--
-- Data for Name: lane; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.lane VALUES ('account:google-1e06a11dc5d5', 0, NULL, NULL);
INSERT INTO public.lane VALUES ('mail:default', 0, NULL, NULL);


--
-- Data for Name: limiter; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.limiter VALUES ('google:default', '2026-11-29 04:01:30.191614+13:45');
INSERT INTO public.limiter VALUES ('account:google-1e06a11dc5d5', '2026-11-29 04:01:30.285614+13:45');
INSERT INTO public.limiter VALUES ('mail:default', '2026-11-29 04:01:30.342665+13:45');


--
-- Data for Name: mail_count; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.mail_count VALUES ('default', 'ses-1', 'u-2', '2026-11-28', 1);
INSERT INTO public.mail_count VALUES ('default', 'ses-3', 'u-2', '2026-11-28', 1);
INSERT INTO public.mail_count VALUES ('default', 'ses-3', 'u-3', '2026-11-28', 1);
INSERT INTO public.mail_count VALUES ('default', 'ses-2', 'u-3', '2026-11-28', 2);


--
-- Data for Name: notice; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.notice VALUES ('default', 'account_connected', 'maya@gmail.example', 'google-1e06a11dc5d5 2026-11-28T14:16:07.854577+00:00', '\x01026b31fa8a5b9b8437295c175ab692ada3b851cb48f2eb0727dcf39dcac2ec65af403f8bbb0f452506310781d0577283e8c67088f81836e01ca26420d71ddec0b362d503a5490bb235ef6399ede6b359d911bb06644fc917de274aa63a01f4cd6a1510a48be5b5a178cf20c01246aa2ea759da18cbfe7ad91ed9080f54c6cb0f6c9d3c40039f185e2232d4425bf688c368378e0a9d13a1da2544f1651a1dc25eaa2516eb803c36c25d878fe012b39e5a6b9abcb15ef4e120b99c268ac172bc859e69603287b2e982505caab1fa945437e7e4d262a349222075beb131ef55fa9ce3ef13ae0c4f2c7108dc5cb6d1817e38d8f87132f75d0b2b0ebc867706bbfacfd5a8161c7ba589e9dafc35609a996c1d37e030fc15ce5b35c6a5a6a0f818058dfdc71915c60cb159c78bc47d08079819eb80a4a49a011c58d1e9a30eb615bd1a72182f01c5cfd9b2a88199fac662298c5aaedc9c861d8d1a8d604a25a620d0d8f9e6fee2f5fd9b3a89e3c6f548db0543f0f592cf6340eb041b6744097dee2a7499594d979bf100e868b0e4976351a60369c12368c7c95776904b39b1257938bcd6d24b7cc100ddb1d072accf79d19a0a93bb1960369611c5abf2c4c54a4f0d0e43a6889b481859c6687e145579368c9ab9b72494b83609fe4e806d37d42561292b79e4f7495bc2cceed8c18ec549e1c71c167b467b2b7f7a7dbbac6734c5dbd53557b9d91e585dab0ae03c5d14ce0bcafa0c4d935ec32cdeb25c26f94bae524e3e187ff79377fd1595122b28f4777e5055313db271189754f77d5984aed62227228079adebfc107526cdd56bc62ae3f0a896d5f805b48f94858d774c88abb9099da337ec3218bb21c51592b73310c35c3f67405d5d3e8a869e1e7d1b373d443cc3a9232fa10d847491b7a71f17f0c9deb480e175cd5bf3bdb3aed44b3cfd497fac8cc8e504b56310249aa9585bb2f63f6f405a85faee0231597e4f574fe32628744f74aebf602c7c07ffbee50f7d1af48a31b101c29e1fa014f34f39698b59de2816f31953106fda3d0d4e344a4643df4e759b1257c9ab8a38da545c3b54da0f4038a4891605bdc3eb16c14f50abaaa20a491addfc7968bfd08b7347127baee451b5e7675aa353ec53a12113c451aff816f819f74774afc17e953508c1f86f2f9f16b1ab911f222a43819d5e89b1d4e9db534509a31ba9b954cd8ccbc5a3cfae002b6fa5d07956a007053f31ebfaf9a07b77c11eb5c9b2e79118f745df08e00e42c6f0b9d384702579d843fad4fd4c89bfd871d19f7819c7705ed842d2d20f35a60f95e6b0c2b29e9c0219bf32381b8a48dd625c235e3ac4db83c87cfdfef010a750e01cc40aef96631cfc784e029a0a6838946cfd5ba7f25b2f41de95145f601cd1278531a9b23bca26720f1dddc5130b2f39260dbeffddc5cedc013c59de9bde72c99afdff2e10d6d0c366b8789c06c72b81ca15b0bb23872b2a7666075b4bed96072450a9a84713ba18e1901458c3c9c5da6cfec46a619c60e5a5c1dd35b42396441cbb9118498dc1b22b74c7774c463ac6f27bc71764049dc8db4e50529d16962470a3b88ac9c4d4490da84c612e0bff9ddf6a92ef19389e1283c5ece8fea0fb733edc486736be28833bda0e2d45768db9f04514818bd41e92ea560638aecb004016b37f229efa48d8ceab0bc0df982417824037285dacecd4103c032e174d55cc08ffb4923e66babad70c4f8cee9d5317c97ce031a7be20ff27491a501c1548fc5c726af6251a203a81e607fe379243ee1b697f73a4e6bc04c14f23a6bbc41ad2b3fd2edb7fbc787a2cd28409629e30ad0470aea71207e403f33634462b5e3c15c13ffec8e9171a3d2f60d80bafa89dc4dd0dd1641e67a19bec672388d02f0e9df95b04ad159000080d70954ca80ee434a2aa9997b50aabdb31d54f695f0c44d3c273d8bdd98453e674e9c2c6824f77034934ebbfab11190e81108f4a4feff502114a8dffd0f9cc2774ecdffffb6f831313f5e16565f09112946cd1fe6e1b7e1590509a0531f2d1ff125fc76b54a9d09d1579c7a3578e2f83c91e91d82841fb9df87e0434f7fc5544bc06b4dd91e349051ac7cb030e13475e7a3765d575b298d6a36fd68a9d83bd48b957f060820ed4a766356f74f3bf182580c2cca0fee32159caba6e7ee907d73229e4c175ba063840abf2a9a6518abfb95cc82e6cb3e012692cb62c1b7318e554b38cc637dbdb35d72574933e942bced35bf731775f164a2551fb0e6cdc136da49fbab81058a6a2995bc816d830bfbebb05b90b6850d0835c7d87824df5d1f6783b61b1ab08dbecacaf3d6b5b61d754d85c4a86dd22f37870d2c5a74cee50830674234d26272d4b1dfa21cb463e32343bf19681502e2cca7c448b1f3af8f9c0c728b6ccb06261494dc18cca1e375b42dbc50aa51065254308c0efdf1f1ef31c4c12492115bdd87f37dee73d540bdb6ec0e30e8f0f19ed3758e0e5b35657620b7a7edb41403b974c66d8c05b13da06e470dade0eb1c74ef7d323481ac859178dd24adb665dd697f1697c861e134ef420570774b05512616fe5bfa91624297f338b67cab463a53d', 'sent', 1, NULL, NULL, NULL, '2026-11-29 04:01:07.854577+13:45');


--
-- Data for Name: pause; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.pause VALUES ('*', '*', 'ops', 'paused by ops', '2026-11-29 04:01:42.250478+13:45', NULL);


--
-- Data for Name: quarantine; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: slot; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.slot VALUES ('account:google-1e06a11dc5d5', 'default', 'google', 'google-1e06a11dc5d5', NULL, 0, '2026-11-29 04:01:52.034273+13:45');
INSERT INTO public.slot VALUES ('mail:default', 'default', 'mail', NULL, NULL, 0, '2026-11-29 04:01:52.034273+13:45');


--
-- Data for Name: source_cursor; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.source_cursor VALUES ('platform', '{"newest": "2026-11-28T14:16:44.789908+00:00", "mark": "c0b0765fd131c93236743f7c69290be7"}', '2026-11-29 04:01:52.034273+13:45', NULL, NULL, '2026-11-29 04:01:18.108487+13:45', '2026-11-29 04:01:18.140262+13:45', NULL, NULL, NULL);


--
-- Data for Name: visit; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: attempt_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.attempt_id_seq', 8, true);


--
-- Name: batch_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.batch_id_seq', 4, true);


--
-- Name: dead_letter_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.dead_letter_id_seq', 1, false);


--
-- Name: fact_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.fact_id_seq', 9, true);


--
-- Name: instance_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.instance_id_seq', 1, false);


--
-- Name: journal_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.journal_id_seq', 21, true);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: account pk_account; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT pk_account PRIMARY KEY (id);


--
-- Name: api_token pk_api_token; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT pk_api_token PRIMARY KEY (id);


--
-- Name: arrival pk_arrival; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.arrival
    ADD CONSTRAINT pk_arrival PRIMARY KEY (id);


--
-- Name: attempt pk_attempt; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT pk_attempt PRIMARY KEY (id);


--
-- Name: batch pk_batch; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.batch
    ADD CONSTRAINT pk_batch PRIMARY KEY (id);


--
-- Name: booked_session pk_booked_session; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.booked_session
    ADD CONSTRAINT pk_booked_session PRIMARY KEY (tenant, id);


--
-- Name: consent pk_consent; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT pk_consent PRIMARY KEY (id);


--
-- Name: copy pk_copy; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.copy
    ADD CONSTRAINT pk_copy PRIMARY KEY (tenant, session, participant, n);


--
-- Name: dead_letter pk_dead_letter; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dead_letter
    ADD CONSTRAINT pk_dead_letter PRIMARY KEY (id);


--
-- Name: delivery pk_delivery; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT pk_delivery PRIMARY KEY (tenant, session, participant);


--
-- Name: fact pk_fact; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.fact
    ADD CONSTRAINT pk_fact PRIMARY KEY (id);


--
-- Name: feed pk_feed; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.feed
    ADD CONSTRAINT pk_feed PRIMARY KEY (tenant);


--
-- Name: instance pk_instance; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.instance
    ADD CONSTRAINT pk_instance PRIMARY KEY (id);


--
-- Name: journal pk_journal; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT pk_journal PRIMARY KEY (id);


--
-- Name: lane pk_lane; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.lane
    ADD CONSTRAINT pk_lane PRIMARY KEY (slot, lane);


--
-- Name: limiter pk_limiter; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.limiter
    ADD CONSTRAINT pk_limiter PRIMARY KEY (key);


--
-- Name: mail_count pk_mail_count; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mail_count
    ADD CONSTRAINT pk_mail_count PRIMARY KEY (tenant, session, participant, day);


--
-- Name: notice pk_notice; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT pk_notice PRIMARY KEY (tenant, kind, person, subject_key);


--
-- Name: pause pk_pause; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.pause
    ADD CONSTRAINT pk_pause PRIMARY KEY (tenant, channel, by);


--
-- Name: quarantine pk_quarantine; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT pk_quarantine PRIMARY KEY (source, record);


--
-- Name: slot pk_slot; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.slot
    ADD CONSTRAINT pk_slot PRIMARY KEY (slot);


--
-- Name: source_cursor pk_source_cursor; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.source_cursor
    ADD CONSTRAINT pk_source_cursor PRIMARY KEY (name);


--
-- Name: visit pk_visit; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.visit
    ADD CONSTRAINT pk_visit PRIMARY KEY (id);


--
-- Name: webhook pk_webhook; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook
    ADD CONSTRAINT pk_webhook PRIMARY KEY (tenant);


--
-- Name: account uq_account_tenant_provider_vendor_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.account
    ADD CONSTRAINT uq_account_tenant_provider_vendor_id UNIQUE (tenant, provider, vendor_id);


--
-- Name: ix_account_tenant_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_account_tenant_email ON public.account USING btree (tenant, email);


--
-- Name: ix_arrival_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_arrival_expires_at ON public.arrival USING btree (expires_at);


--
-- Name: ix_attempt_copy; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_copy ON public.attempt USING btree (tenant, session, participant, n);


--
-- Name: ix_attempt_started; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_attempt_started ON public.attempt USING btree (started);


--
-- Name: ix_batch_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_batch_state ON public.batch USING btree (state);


--
-- Name: ix_batch_tenant_closed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_batch_tenant_closed ON public.batch USING btree (tenant, closed);


--
-- Name: ix_booked_session_source_ends_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_booked_session_source_ends_at ON public.booked_session USING btree (source, ends_at);


--
-- Name: ix_booked_session_tenant_program; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_booked_session_tenant_program ON public.booked_session USING btree (tenant, program);


--
-- Name: ix_consent_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_consent_expires_at ON public.consent USING btree (expires_at);


--
-- Name: ix_copy_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_copy_account ON public.copy USING btree (account);


--
-- Name: ix_copy_uid; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_copy_uid ON public.copy USING btree (uid);


--
-- Name: ix_delivery_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_account ON public.delivery USING btree (account);


--
-- Name: ix_delivery_batch; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_batch ON public.delivery USING btree (batch);


--
-- Name: ix_delivery_claim; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_claim ON public.delivery USING btree (slot, priority, due_at, starts_at) WHERE ((due_at IS NOT NULL) AND (batch IS NULL) AND (parked IS NULL));


--
-- Name: ix_delivery_email; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_email ON public.delivery USING btree (tenant, email);


--
-- Name: ix_delivery_future; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_future ON public.delivery USING btree (tenant, ends_at);


--
-- Name: ix_delivery_lease; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_lease ON public.delivery USING btree (lease_until) WHERE (lease_until IS NOT NULL);


--
-- Name: ix_delivery_look; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_delivery_look ON public.delivery USING btree (account, look_at);


--
-- Name: ix_fact_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_fact_at ON public.fact USING btree (at);


--
-- Name: ix_fact_delivery; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_fact_delivery ON public.fact USING btree (tenant, session, participant);


--
-- Name: ix_fact_unnumbered; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_fact_unnumbered ON public.fact USING btree (tenant, id) WHERE (number IS NULL);


--
-- Name: ix_journal_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_journal_at ON public.journal USING btree (at);


--
-- Name: ix_journal_delivery; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_journal_delivery ON public.journal USING btree (tenant, session, participant);


--
-- Name: ix_notice_state_due_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_notice_state_due_at ON public.notice USING btree (state, due_at);


--
-- Name: ix_slot_account; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_slot_account ON public.slot USING btree (account);


--
-- Name: ix_slot_next_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_slot_next_due ON public.slot USING btree (next_due);


--
-- Name: ix_slot_tenant_next_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_slot_tenant_next_due ON public.slot USING btree (tenant, next_due);


--
-- Name: ix_visit_expires_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_visit_expires_at ON public.visit USING btree (expires_at);


--
-- Name: uq_copy_holds; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_copy_holds ON public.copy USING btree (tenant, session, place_key) WHERE holds;


--
-- Name: uq_fact_number; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_fact_number ON public.fact USING btree (tenant, number);


--
-- PostgreSQL database dump complete
--


