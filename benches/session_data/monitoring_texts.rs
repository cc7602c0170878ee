//! The texts of one component of the monitoring stack. `NAME` is the component.

pub const SERVICE_ACCOUNT: &str = "apiVersion: v1
automountServiceAccountToken: false
kind: ServiceAccount
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
";

pub const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
spec:
  ports:
    - name: web
      port: 9090
      targetPort: web
    - name: reloader-web
      port: 8080
      targetPort: reloader-web
  selector:
    app.kubernetes.io/name: NAME
    app.kubernetes.io/part-of: kube-prometheus
  sessionAffinity: ClientIP
";

pub const CLUSTER_ROLE_BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  labels:{labels}
  name: NAME
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: NAME
subjects:
  - kind: ServiceAccount
    name: NAME
    namespace: monitoring
";

pub const CLUSTER_ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  labels:{labels}
  name: NAME
rules:
  - apiGroups: ['']
    resources: [configmaps, secrets, nodes, pods, services, resourcequotas, replicationcontrollers]
    verbs: [list, watch]
  - apiGroups: [apps]
    resources:
      - statefulsets
      - daemonsets
      - deployments
      - replicasets
    verbs:
      - list
      - watch
  - apiGroups: [batch]
    resources:
      - cronjobs
      - jobs
    verbs:
      - list
      - watch
  - apiGroups: [authentication.k8s.io]
    resources:
      - tokenreviews
    verbs:
      - create
  - nonResourceURLs:
      - /metrics
    verbs:
      - get
";

pub const CONFIGURATION: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  labels:{labels}
  name: NAME-configuration
  namespace: monitoring
data:
  config.yml: |-
    modules:
      http_2xx:
        http:
          preferred_ip_protocol: ip4
        prober: http
      http_post_2xx:
        http:
          method: POST
          preferred_ip_protocol: ip4
        prober: http
      irc_banner:
        prober: tcp
        tcp:
          preferred_ip_protocol: ip4
          query_response:
            - send: NICK prober
            - send: USER prober prober prober :prober
            - expect: PING :([^ ]+)
              send: PONG ${1}
            - expect: ^:[^ ]+ 001
      pop3s_banner:
        prober: tcp
        tcp:
          preferred_ip_protocol: ip4
          query_response:
            - expect: ^+OK
          tls: true
          tls_config:
            insecure_skip_verify: false
      ssh_banner:
        prober: tcp
        tcp:
          preferred_ip_protocol: ip4
          query_response:
            - expect: ^SSH-2.0-
      tcp_connect:
        prober: tcp
        tcp:
          preferred_ip_protocol: ip4
";

pub const NETWORK_POLICY: &str = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
spec:
  egress:
    - {}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: prometheus
      ports:
        - port: 9090
          protocol: TCP
        - port: 8080
          protocol: TCP
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: grafana
      ports:
        - port: 9090
          protocol: TCP
  podSelector:
    matchLabels:
      app.kubernetes.io/name: NAME
      app.kubernetes.io/part-of: kube-prometheus
  policyTypes:
    - Egress
    - Ingress
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
";

pub const SERVICE_MONITOR: &str = "apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
spec:
  endpoints:
    - bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
      honorLabels: true
      interval: 30s
      metricRelabelings:
        - action: drop
          regex: kube_(endpoint_(address_not_ready|address_available|ports))
          sourceLabels:
            - __name__
        - action: drop
          regex: apiserver_request_duration_seconds_bucket;(0.15|0.2|0.3|0.35|0.4|0.45|0.6|0.7)
          sourceLabels:
            - __name__
            - le
      port: web
      relabelings:
        - action: labeldrop
          regex: (pod|service|endpoint|namespace)
        - replacement: $1
          sourceLabels:
            - __meta_kubernetes_pod_node_name
          targetLabel: instance
      scheme: https
      scrapeTimeout: 30s
      tlsConfig:
        insecureSkipVerify: true
    - interval: 30s
      port: reloader-web
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      app.kubernetes.io/component: NAME
      app.kubernetes.io/name: NAME
      app.kubernetes.io/part-of: kube-prometheus
";

pub const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  labels:{labels}
  name: NAME
  namespace: monitoring
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/component: NAME
      app.kubernetes.io/name: NAME
      app.kubernetes.io/part-of: kube-prometheus
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 1
  template:
    metadata:
      annotations:
        kubectl.kubernetes.io/default-container: NAME
      labels:
        app.kubernetes.io/component: NAME
        app.kubernetes.io/name: NAME
        app.kubernetes.io/part-of: kube-prometheus
        app.kubernetes.io/version: 1.0.0
    spec:
      automountServiceAccountToken: true
      containers:
        - args:
            - --config.file=/etc/NAME/config.yml
            - --web.listen-address=:9090
          image: quay.io/prometheus/NAME:v1.0.0
          name: NAME
          ports:
            - containerPort: 9090
              name: web
          readinessProbe:
            httpGet:
              path: /-/ready
              port: web
            periodSeconds: 5
            failureThreshold: 3
          resources:
            limits:
              cpu: 100m
              memory: 300Mi
            requests:
              cpu: 10m
              memory: 180Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
                - ALL
            readOnlyRootFilesystem: true
            runAsGroup: 65534
            runAsNonRoot: true
            runAsUser: 65534
            seccompProfile:
              type: RuntimeDefault
          volumeMounts:
            - mountPath: /etc/NAME
              name: config
              readOnly: true
            - mountPath: /tmp
              name: tmp
        - args:
            - --webhook-url=http://localhost:9090/-/reload
            - --volume-dir=/etc/NAME
          image: ghcr.io/jimmidyson/configmap-reload:v0.15.0
          name: reloader
          ports:
            - containerPort: 8080
              name: reloader-web
          resources:
            limits:
              cpu: 20m
              memory: 40Mi
            requests:
              cpu: 10m
              memory: 20Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
                - ALL
            readOnlyRootFilesystem: true
          volumeMounts:
            - mountPath: /etc/NAME
              name: config
              readOnly: true
      nodeSelector:
        kubernetes.io/os: linux
      securityContext:
        fsGroup: 65534
        runAsNonRoot: true
      serviceAccountName: NAME
      volumes:
        - configMap:
            name: NAME-configuration
          name: config
        - emptyDir: {}
          name: tmp
";

pub const PROMETHEUS_RULE: &str = "apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  labels:{labels}
    role: alert-rules
  name: NAME-rules
  namespace: monitoring
spec:
  groups:
    - name: NAME.rules
      rules:
        - alert: Rule0
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/0
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 0
          for: 10m
          labels:
            severity: critical
        - alert: Rule1
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/1
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 1
          for: 10m
          labels:
            severity: critical
        - alert: Rule2
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/2
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 2
          for: 10m
          labels:
            severity: critical
        - alert: Rule3
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/3
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 3
          for: 10m
          labels:
            severity: critical
        - alert: Rule4
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/4
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 4
          for: 10m
          labels:
            severity: critical
        - alert: Rule5
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/5
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 5
          for: 10m
          labels:
            severity: critical
        - alert: Rule6
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/6
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 6
          for: 10m
          labels:
            severity: critical
        - alert: Rule7
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/7
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 7
          for: 10m
          labels:
            severity: critical
        - alert: Rule8
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/8
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 8
          for: 10m
          labels:
            severity: critical
        - alert: Rule9
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/9
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 9
          for: 10m
          labels:
            severity: critical
        - alert: Rule10
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/10
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 10
          for: 10m
          labels:
            severity: critical
        - alert: Rule11
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/11
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 11
          for: 10m
          labels:
            severity: critical
        - alert: Rule12
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/12
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 12
          for: 10m
          labels:
            severity: critical
        - alert: Rule13
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/13
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 13
          for: 10m
          labels:
            severity: critical
        - alert: Rule14
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/14
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 14
          for: 10m
          labels:
            severity: critical
        - alert: Rule15
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/15
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 15
          for: 10m
          labels:
            severity: critical
        - alert: Rule16
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/16
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 16
          for: 10m
          labels:
            severity: critical
        - alert: Rule17
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/17
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 17
          for: 10m
          labels:
            severity: critical
        - alert: Rule18
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/18
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 18
          for: 10m
          labels:
            severity: critical
        - alert: Rule19
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/19
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 19
          for: 10m
          labels:
            severity: critical
        - alert: Rule20
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/20
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 20
          for: 10m
          labels:
            severity: critical
        - alert: Rule21
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/21
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 21
          for: 10m
          labels:
            severity: critical
        - alert: Rule22
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/22
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 22
          for: 10m
          labels:
            severity: critical
        - alert: Rule23
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/23
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 23
          for: 10m
          labels:
            severity: critical
        - alert: Rule24
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/24
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 24
          for: 10m
          labels:
            severity: critical
        - alert: Rule25
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/25
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 25
          for: 10m
          labels:
            severity: critical
        - alert: Rule26
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/26
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 26
          for: 10m
          labels:
            severity: critical
        - alert: Rule27
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/27
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 27
          for: 10m
          labels:
            severity: critical
        - alert: Rule28
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/28
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 28
          for: 10m
          labels:
            severity: critical
        - alert: Rule29
          annotations:
            description: The job {{ $labels.job }} of NAME has failed for {{ $value }} minutes.
            runbook_url: https://runbooks.prometheus-operator.dev/runbooks/NAME/29
            summary: NAME has a problem.
          expr: |
            rate(NAME_failures_total{job=\"NAME\"}[5m]) > 29
          for: 10m
          labels:
            severity: critical
";
