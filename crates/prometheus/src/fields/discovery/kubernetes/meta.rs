//! The `__meta_kubernetes_…` labels and the roles that set them.

use super::super::Meta;

pub static META: &[Meta] = &[
    Meta {
        name: "__meta_kubernetes_namespace",
        doc: "namespace of the object",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta { name: "__meta_kubernetes_node_name", doc: "name of the node", roles: "node" },
    Meta {
        name: "__meta_kubernetes_node_provider_id",
        doc: "the cloud provider's name for the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_condition_<condition>",
        doc: "`true`, `false` or `unknown` for each condition, its type in lower case",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_label_<label>",
        doc: "each label of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_labelpresent_<label>",
        doc: "`true` for each label of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_annotation_<annotation>",
        doc: "each annotation of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the node",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_node_address_<type>",
        doc: "the first address of each type",
        roles: "node",
    },
    Meta {
        name: "__meta_kubernetes_service_name",
        doc: "name of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_label_<label>",
        doc: "each label of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_labelpresent_<label>",
        doc: "`true` for each label of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_annotation_<annotation>",
        doc: "each annotation of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Service",
        roles: "service endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_service_cluster_ip",
        doc: "the Service's cluster address; absent for ExternalName",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_loadbalancer_ip",
        doc: "addresses of the load balancer",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_external_name",
        doc: "the DNS name of an ExternalName Service",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_name",
        doc: "name of the Service's port",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_number",
        doc: "number of the Service's port",
        roles: "service",
    },
    Meta {
        name: "__meta_kubernetes_service_port_protocol",
        doc: "protocol of the Service's port",
        roles: "service",
    },
    Meta { name: "__meta_kubernetes_service_type", doc: "type of the Service", roles: "service" },
    Meta {
        name: "__meta_kubernetes_pod_name",
        doc: "name of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_ip",
        doc: "address of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_label_<label>",
        doc: "each label of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_labelpresent_<label>",
        doc: "`true` for each label of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_annotation_<annotation>",
        doc: "each annotation of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the pod",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_init",
        doc: "`true` for an init container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_name",
        doc: "name of the container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_id",
        doc: "id of the container, with the runtime before `://`",
        roles: "pod",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_image",
        doc: "image of the container",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_name",
        doc: "name of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_number",
        doc: "number of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_container_port_protocol",
        doc: "protocol of the container's port",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_ready",
        doc: "`true` or `false`: whether the pod is ready",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_phase",
        doc: "Pending, Running, Succeeded, Failed or Unknown",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_node_name",
        doc: "node that the pod runs on",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_host_ip",
        doc: "address of that node",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_uid",
        doc: "the pod's UID",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_controller_kind",
        doc: "kind of the pod's controller, such as ReplicaSet",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_controller_name",
        doc: "name of the pod's controller",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_deployment_name",
        doc: "Deployment of the pod; needs `attach_metadata.deployment`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_job_name",
        doc: "Job of the pod; needs `attach_metadata.job`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_pod_cronjob_name",
        doc: "CronJob of the pod; needs `attach_metadata.cronjob`",
        roles: "pod endpoints endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_name",
        doc: "name of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_label_<label>",
        doc: "each label of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_labelpresent_<label>",
        doc: "`true` for each label of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_annotation_<annotation>",
        doc: "each annotation of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoints_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Endpoints object",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_hostname",
        doc: "host name of the endpoint",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_node_name",
        doc: "node of the endpoint",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_ready",
        doc: "`true` or `false`: whether the endpoint is ready",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_port_name",
        doc: "name of the endpoint's port",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_port_protocol",
        doc: "protocol of the endpoint's port",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_address_target_kind",
        doc: "kind of the object of the address",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpoint_address_target_name",
        doc: "name of the object of the address",
        roles: "endpoints",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_name",
        doc: "name of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_label_<label>",
        doc: "each label of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_labelpresent_<label>",
        doc: "`true` for each label of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_annotation_<annotation>",
        doc: "each annotation of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the EndpointSlice",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_target_kind",
        doc: "kind of the object of the address",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_target_name",
        doc: "name of the object of the address",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_address_type",
        doc: "IPv4, IPv6 or FQDN",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_ready",
        doc: "whether the endpoint is ready",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_serving",
        doc: "whether the endpoint serves",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_conditions_terminating",
        doc: "whether the endpoint is going away",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_topology_kubernetes_io_hostname",
        doc: "node of the endpoint, by topology",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_topology_present_kubernetes_io_hostname",
        doc: "`true` if the host name is known",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_hostname",
        doc: "host name of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_node_name",
        doc: "node of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_endpoint_zone",
        doc: "zone of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port",
        doc: "port of the endpoint",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_name",
        doc: "name of the endpoint's port",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_protocol",
        doc: "protocol of the endpoint's port",
        roles: "endpointslice",
    },
    Meta {
        name: "__meta_kubernetes_endpointslice_port_app_protocol",
        doc: "application protocol of the endpoint's port",
        roles: "endpointslice",
    },
    Meta { name: "__meta_kubernetes_ingress_name", doc: "name of the Ingress", roles: "ingress" },
    Meta {
        name: "__meta_kubernetes_ingress_label_<label>",
        doc: "each label of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_labelpresent_<label>",
        doc: "`true` for each label of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_annotation_<annotation>",
        doc: "each annotation of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_class_name",
        doc: "class of the Ingress",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_ingress_scheme",
        doc: "`https` if the host has TLS, else `http`",
        roles: "ingress",
    },
    Meta { name: "__meta_kubernetes_ingress_host", doc: "host of the rule", roles: "ingress" },
    Meta {
        name: "__meta_kubernetes_ingress_path",
        doc: "path of the rule, `/` by default",
        roles: "ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_label_<label>",
        doc: "each label of the namespace; needs `attach_metadata.namespace`",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_labelpresent_<label>",
        doc: "`true` for each label of the namespace",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_annotation_<annotation>",
        doc: "each annotation of the namespace; needs `attach_metadata.namespace`",
        roles: "pod service endpoints endpointslice ingress",
    },
    Meta {
        name: "__meta_kubernetes_namespace_annotationpresent_<annotation>",
        doc: "`true` for each annotation of the namespace",
        roles: "pod service endpoints endpointslice ingress",
    },
];
